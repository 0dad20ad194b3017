import { appendFileSync, chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startSshd } from '../rig/sshd.js';
import { siteOf, type Site } from './support/fault-host.js';

vi.setConfig({ testTimeout: 120_000 });

let rig: Awaited<ReturnType<typeof startSshd>>;
let site: Site;
const masks = ['000', '022', '077'] as const;

beforeAll(async () => {
  rig = await startSshd();
  site = siteOf(
    masks.map((mask, index) => {
      const account = rig.addUser({ name: `${rig.user.name}m${String(index)}`, shell: '/bin/bash' });
      appendFileSync(join(account.home, '.bashrc'), `umask ${mask}\n`);
      return { name: `h${mask}`, address: `127.0.1.${String(index + 1)}`, rig, user: account.name };
    }),
  );
});

afterAll(async () => {
  site.remove();
  await rig.stop();
});

it('F16: new files and folders have what the umask of the host leaves, unless a mode is asked for', async () => {
  const out = join(site.folder.path, 'out');
  mkdirSync(out);
  chmodSync(out, 0o777);
  site.folder.write('tree/below/file', 'x');
  site.folder.write('one.ejs', 'x');
  const { code, stdout } = await site.apply(`- hosts: web
  facts: false
  vars: { out: "${out}/<%= host.name %>" }
  tasks:
    - file: { path: "<%= out %>", state: directory }
    - copy: { dest: "<%= out %>/content", content: x }
    - copy: { dest: "<%= out %>/asked", content: x, mode: "0640" }
    - copy: { dest: "<%= out %>/", src: tree }
    - copy: { dest: "<%= out %>/new/", src: one.ejs }
    - template: { dest: "<%= out %>/template", src: one.ejs }
    - lineinfile: { path: "<%= out %>/line", line: x, create: true }
    - file: { path: "<%= out %>/touched", state: touch }
    - shell: { cmd: "umask > made", chdir: "<%= out %>" }
`).ended;
  expect(code, stdout).toBe(0);
  for (const mask of masks) {
    const mode = (path: string): string => (statSync(join(out, `h${mask}`, path)).mode & 0o777).toString(8);
    const left = (all: number): string => (all & ~Number.parseInt(mask, 8)).toString(8);
    for (const folder of ['.', 'tree', 'tree/below', 'new'])
      expect([mask, folder, mode(folder)]).toEqual([mask, folder, left(0o777)]);
    for (const file of ['content', 'tree/below/file', 'new/one.ejs', 'template', 'line', 'touched', 'made'])
      expect([mask, file, mode(file)]).toEqual([mask, file, left(0o666)]);
    expect([mask, mode('asked')]).toEqual([mask, '640']);
  }
});
