import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ShellText } from '../../../../src/shell/text.js';
import { forgetStep, keepStep, rollBackStep } from '../../../../src/stack/ensembles/kept-container.js';

/** An engine whose containers are folders: what the scripts ask of it, and no more. */
const engine = `#!/bin/sh
verb=$1; shift
of() { for each in "$ENGINE"/*; do case "$1" in "$(basename "$each")"|"$(cat "$each/name")") echo "$each"; return;; esac; done; return 1; }
case $verb in
  inspect) at=$(of "$5") || exit 1
    case $4 in
      *.Id*) basename "$at";;
      *.Name}}) echo "/$(cat "$at/name")";;
      *) cat "$at/policy";;
    esac;;
  ps) for each in "$ENGINE"/*; do echo "$(basename "$each") $(cat "$each/name")"; done;;
  stop) at=$(of "$1") || exit 1; rm -f "$at/runs"; echo "stop $1" >> "$LOG";;
  start) at=$(of "$1") || exit 1; touch "$at/runs"; echo "start $1" >> "$LOG";;
  rm) at=$(of "$2") || exit 1; rm -r "$at"; echo "rm $2" >> "$LOG";;
  rename) at=$(of "$1") || exit 1; echo "$2" > "$at/name";;
  update) at=$(of "$3") || exit 1; echo "$2" > "$at/policy";;
esac
`;

let folder: string;
const things = (): Parameters<typeof keepStep>[0] => ({
  container: 'zk',
  files: [join(folder, 'conf/zoo.cfg'), join(folder, 'conf/java.env')],
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-test-kept-'));
  for (const each of ['bin', 'engine', 'conf']) mkdirSync(join(folder, each));
  writeFileSync(join(folder, 'bin/docker'), engine, { mode: 0o755 });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(script: ShellText): { readonly code: number | null; readonly stderr: string } {
  const { status, stderr } = spawnSync('sh', ['-c', script.raw.replaceAll('/var/lib/runner', join(folder, 'var'))], {
    encoding: 'utf8',
    env: {
      PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      ENGINE: join(folder, 'engine'),
      LOG: join(folder, 'log'),
    },
  });
  return { code: status, stderr };
}

function container(id: string, options: { readonly name: string; readonly policy?: string }): void {
  mkdirSync(join(folder, 'engine', id));
  writeFileSync(join(folder, 'engine', id, 'name'), `${options.name}\n`);
  writeFileSync(join(folder, 'engine', id, 'policy'), `${options.policy ?? 'always'}\n`);
  writeFileSync(join(folder, 'engine', id, 'runs'), '');
}

function told(id: string): { readonly name: string; readonly policy: string; readonly runs: boolean } | undefined {
  const at = join(folder, 'engine', id);
  if (!existsSync(at)) return undefined;
  const read = (name: string): string => readFileSync(join(at, name), 'utf8').trim();
  return { name: read('name'), policy: read('policy'), runs: existsSync(join(at, 'runs')) };
}

/** What `docker_container` with `keep_old` does. */
function replace(id: string, by: string): void {
  writeFileSync(join(folder, 'engine', id, 'name'), `zk.old-${id}\n`);
  writeFileSync(join(folder, 'engine', id, 'policy'), 'no\n');
  rmSync(join(folder, 'engine', id, 'runs'));
  container(by, { name: 'zk' });
}

const configuration = (text?: string): string => {
  if (text !== undefined) writeFileSync(join(folder, 'conf/zoo.cfg'), text);
  return readFileSync(join(folder, 'conf/zoo.cfg'), 'utf8');
};

test('a roll-back brings back the container with its restart policy and the files as they were', () => {
  container('aaaa', { name: 'zk', policy: 'on-failure:3' });
  configuration('old');
  expect(run(keepStep(things())).code).toBe(0);
  replace('aaaa', 'bbbb');
  configuration('new');
  writeFileSync(join(folder, 'conf/java.env'), 'was not there before');

  expect(run(rollBackStep(things()))).toEqual({ code: 0, stderr: '' });
  expect(told('aaaa')).toEqual({ name: 'zk', policy: 'on-failure:3', runs: true });
  expect(told('bbbb')).toBeUndefined();
  expect(configuration()).toBe('old');
  expect(existsSync(join(folder, 'conf/java.env'))).toBe(false);
  expect(existsSync(join(folder, 'var/kept/zk'))).toBe(false);
});

test('a container that was not replaced is started again with the old files', () => {
  container('aaaa', { name: 'zk' });
  configuration('old');
  run(keepStep(things()));
  configuration('new');
  expect(run(rollBackStep(things())).code).toBe(0);
  expect(configuration()).toBe('old');
  expect(told('aaaa')?.runs).toBe(true);
  expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('stop zk\nstart zk\n');
});

test('a step that was cut off and is taken again still goes back to what ran before the first try', () => {
  container('aaaa', { name: 'zk' });
  configuration('old');
  run(keepStep(things()));
  configuration('new');
  replace('aaaa', 'bbbb');
  expect(run(keepStep(things())).code).toBe(0);
  expect(run(rollBackStep(things())).code).toBe(0);
  expect(told('aaaa')?.name).toBe('zk');
  expect(configuration()).toBe('old');
});

test('what was kept of a container that is gone is kept no longer', () => {
  container('aaaa', { name: 'zk' });
  configuration('old');
  run(keepStep(things()));
  rmSync(join(folder, 'engine/aaaa'), { recursive: true });
  container('cccc', { name: 'zk' });
  configuration('of cccc');
  run(keepStep(things()));
  configuration('new');
  replace('cccc', 'dddd');
  expect(run(rollBackStep(things())).code).toBe(0);
  expect(configuration()).toBe('of cccc');
  expect(told('cccc')?.runs).toBe(true);
});

test('without anything kept a roll-back says so and touches nothing', () => {
  run(keepStep(things()));
  container('bbbb', { name: 'zk' });
  const { code, stderr } = run(rollBackStep(things()));
  expect(code).toBe(1);
  expect(stderr).toContain('nothing was kept of container zk');
  expect(told('bbbb')?.runs).toBe(true);
});

test('forgetting takes the old container and the copies away, and leaves the new one and others alone', () => {
  container('aaaa', { name: 'zk' });
  configuration('old');
  run(keepStep(things()));
  replace('aaaa', 'bbbb');
  container('eeee', { name: 'zk2.old-eeee' });
  expect(run(forgetStep(things())).code).toBe(0);
  expect(told('aaaa')).toBeUndefined();
  expect(told('bbbb')?.runs).toBe(true);
  expect(told('eeee')?.runs).toBe(true);
  expect(existsSync(join(folder, 'var/kept/zk'))).toBe(false);
});
