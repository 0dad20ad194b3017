import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseReport, tell } from '../../../../src/modules/support/report.js';
import { joinShell } from '../../../../src/shell/text.js';
import { askHaproxy } from '../../../../src/stack/status/bamboo.js';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-test-haproxy-'));
  mkdirSync(join(folder, 'bin'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, does: string): void {
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${does}\n`, { mode: 0o755 });
}

function ask(): { readonly check: string | undefined; readonly servers: string | undefined } {
  const script = joinShell([
    tell,
    askHaproxy({ component: 'bamboo', host: 'a', container: 'bamboo', endpoint: 'a:1' }),
  ]);
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script.raw], {
    env: { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}` },
  });
  const report = parseReport({ code: status ?? 1, stdout, stderr });
  return { check: report.word('haproxy-check'), servers: report.word('haproxy-servers') };
}

test('a container is asked once for what HAProxy says of its configuration and for the servers in it', () => {
  const lines = ['global', 'backend ::app', '  server checked', '  server b 198.18.0.14:31000', 'checked', 'exit 7'];
  writeFileSync(join(folder, 'haproxy.cfg'), `${lines.join('\n')}\n`);
  program('docker', `echo asked >> ${folder}/asked; shift 2; exec "$1" "$2" "$3" "$4" ${folder}/haproxy.cfg "$6"`);
  program('haproxy', 'echo "[ALERT] checked"; echo checked; exit 1');
  expect(ask()).toEqual({
    check: '[ALERT] checked\nchecked\nexit 1',
    servers: '\nbackend ::app\n  server checked\n  server b 198.18.0.14:31000',
  });
  expect(spawnSync('cat', [join(folder, 'asked')], { encoding: 'utf8' }).stdout).toBe('asked\n');
});

test('a configuration without servers tells none', () => {
  writeFileSync(join(folder, 'haproxy.cfg'), 'global\n');
  program('docker', `shift 2; exec "$1" "$2" "$3" "$4" ${folder}/haproxy.cfg "$6"`);
  program('haproxy', 'exit 0');
  expect(ask()).toEqual({ check: 'exit 0', servers: '' });
});

test('of a container that cannot be asked nothing is known', () => {
  program('docker', 'exit 1');
  expect(ask()).toEqual({ check: '', servers: undefined });
});
