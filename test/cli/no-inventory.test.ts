import { afterEach, expect, it } from 'vitest';
import { folderOf, runner } from './program.js';

let folder: ReturnType<typeof folderOf> | undefined;
afterEach(() => {
  folder?.remove();
});

const site = (hosts: string): string =>
  `- hosts: ${hosts}\n  tasks:\n    - command: uname\n      changed_when: false\n`;

it('needs no inventory to work on localhost', async () => {
  folder = folderOf({ 'site.yaml': site('localhost') });
  const applied = await runner(folder.path, ['apply', 'site.yaml']);
  expect([applied.code, applied.stderr]).toEqual([0, '']);
  expect(applied.stdout).toContain('ok:          [localhost] command: uname');
  expect((await runner(folder.path, ['exec', 'localhost', '--', 'uname'])).stdout).toBe('localhost | Linux\n');
});

it.each(['all', '[localhost, web]', 'localhost:web'])('needs one for %s', async (hosts) => {
  folder = folderOf({ 'site.yaml': site(hosts) });
  const refused = await runner(folder.path, ['apply', 'site.yaml']);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('error: there is no inventory');
});
