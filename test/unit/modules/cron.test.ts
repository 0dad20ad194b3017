import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cron } from '../../../src/modules/cron.js';
import { localController } from './local-controller.js';
import { localHost } from './local-host.js';
import { applyModule, previewModule } from './run-module.js';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'runner-cron-'));
  // Stands for cron's own program, which this machine need not have: one crontab, told and set as crontab(1) does.
  const program = `#!/bin/sh
f=${root}/tab
[ "$1" = -u ] && shift 2
case $1 in
  -l) [ -f "$f" ] || { echo 'no crontab for root' >&2; exit 1; }; echo 'a warning' >&2; cat "$f" ;;
  -r) rm "$f" ;;
  -) cat > "$f" ;;
esac
`;
  await writeFile(join(root, 'crontab'), program);
  await chmod(join(root, 'crontab'), 0o755);
});
afterEach(() => rm(root, { recursive: true, force: true }));

test('a job comes into the crontab of a user, once, and goes', async () => {
  const path = `${root}:${process.env['PATH'] ?? ''}`;
  const host = localHost({ name: 'sh', command: ['/bin/sh'], path });
  const request = (params: Record<string, unknown>) => ({
    module: cron,
    params: { name: 'tidy', user: 'root', ...params },
    controller: localController(root, {}),
  });
  const job = { job: '/bin/tidy', minute: 5 };
  expect((await applyModule(host, request(job))).comparison.kind).toBe('change');
  expect(await readFile(join(root, 'tab'), 'utf8')).toBe('#Ansible: tidy\n5 * * * * /bin/tidy\n');
  expect(await previewModule(host, request(job))).toMatchObject({ kind: 'same' });
  expect((await applyModule(host, request({ state: 'absent' }))).comparison.kind).toBe('change');
  expect(await previewModule(host, request({ state: 'absent' }))).toMatchObject({ kind: 'same' });
});
