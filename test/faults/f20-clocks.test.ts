import { execFileSync } from 'node:child_process';
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { until } from '../rig/until.js';
import { type FaultHost, faultHostForFile, processesWith } from './support/fault-host.js';
import { heldTask } from './support/held-task.js';
import { type Running, startRunner } from './support/program.js';

vi.setConfig({ testTimeout: 180_000 });

const library = execFileSync('find', ['/usr/lib', '-name', 'libfaketime.so.1'], { encoding: 'utf8' }).trim();
const day = 86_400_000;
const site = faultHostForFile();
/** A host whose own clock is a day ahead, in all that is run there. */
const ahead = faultHostForFile({
  config: [`SetEnv LD_PRELOAD=${library} FAKETIME=+1d FAKETIME_DONT_FAKE_MONOTONIC=1`],
});

const playbook = (tasks: string): string => `- hosts: web\n  facts: false\n  tasks:\n${tasks}`;
const sleeps = (seconds: string): string => playbook(`    - { name: Long, command: sleep ${seconds} }\n`);

/** The program with a wall clock that says what its file says; its monotonic clock is the machine's, as after `date -s`. */
function applyAt(
  on: FaultHost,
  options: { readonly text: string; readonly clock: string; readonly name?: string },
): Running & {
  jump(to: string): void;
} {
  const name = options.name ?? 'site';
  const file = join(on.folder.path, `${name}.clock`);
  const jump = (to: string): void => writeFileSync(file, `${to}\n`);
  jump(options.clock);
  on.folder.write(`${name}.yaml`, options.text);
  const run = startRunner({
    directory: on.folder.path,
    args: ['apply', '--output', 'json', `${name}.yaml`],
    environment: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
  });
  return { ...run, jump };
}

const lockOf = (on: FaultHost): string => `/tmp/runner.${String(on.host.port)}.lock`;

describe('F20: the clock of the controller', () => {
  it('jumps a day ahead and two back in the middle of a task, and nothing is longer or shorter for it', async () => {
    const run = applyAt(site, {
      text: playbook('    - { name: Long, command: sleep 4.20, timeout: 60 }\n'),
      clock: '+0',
    });
    await until(() => processesWith('sleep 4.20', site.host.user.name).length > 0);
    run.jump('+1d');
    await until(() => processesWith('sleep 4.20', site.host.user.name).length === 0);
    run.jump('-1d');
    const { code, task, events, stdout } = await run.ended;
    expect(code, stdout).toBe(0);
    const took = task('Long')['h1']?.milliseconds ?? -1;
    expect(took).toBeGreaterThan(4000);
    // Not by a day, in either direction.
    expect(took).toBeLessThan(60_000);
    const end = events.find((event) => event.kind === 'run-end');
    expect(end?.milliseconds).toBeGreaterThan(4000);
    expect(end?.milliseconds).toBeLessThan(90_000);
  });

  it.each([
    ['a day behind', '-1d'],
    ['a day ahead', '+1d'],
  ])('is %s: its lock holds against another, which names it, and it is given back', async (_name, clock) => {
    const held = heldTask(site, `go${clock}`);
    const first = applyAt(site, { text: playbook(held.text), clock, name: 'first' });
    await until(held.isUnderWay);
    const second = await site.apply(sleeps('0.1')).ended;
    held.letGo();
    expect(second.code).toBe(5);
    expect(second.stdout).toContain(`${hostname()} (pid ${String(first.pid)})`);
    const { code, events } = await first.ended;
    expect(code).toBe(0);
    const start = events.find((event) => event.kind === 'run-start');
    // Its clock was really another one.
    expect(Math.abs(Date.parse(start?.at ?? '') - Date.now())).toBeGreaterThan(day / 2);
    expect((await site.apply(sleeps('0.1')).ended).code).toBe(0);
  });
});

describe('F20: the clock of a host', () => {
  it('is a day ahead: runs work, their lock holds, and a stale one is told by that clock', async () => {
    const held = heldTask(ahead, 'go');
    const first = ahead.apply(playbook(`    - { name: Clock, command: date +%s }\n${held.text}`));
    await until(held.isUnderWay);
    ahead.folder.write('second.yaml', sleeps('0.1'));
    const second = await ahead.run('apply', 'second.yaml').ended;
    held.letGo();
    expect(second.code).toBe(5);
    const { code, task } = await first.ended;
    expect(code).toBe(0);
    expect(Number(task('Clock')['h1']?.result?.['stdout']) * 1000 - Date.now()).toBeGreaterThan(day / 2);
  });

  it('jumps back an hour under a lock whose run is dead: it does not stand for that hour', async () => {
    const first = site.apply(sleeps('600.204'));
    await until(() => processesWith('sleep 600.204', site.host.user.name).length > 0);
    first.signal('SIGKILL');
    await first.ended;
    const lines = readFileSync(lockOf(site), 'utf8').split('\n');
    const beat = Number(lines[2]);
    expect(Math.abs(beat - Date.now() / 1000)).toBeLessThan(60);
    lines[2] = String(beat + 3600);
    writeFileSync(lockOf(site), lines.join('\n'));
    utimesSync(lockOf(site), Date.now() / 1000, Date.now() / 1000 + 3600);
    expect((await site.apply(sleeps('0.1')).ended).code).toBe(0);
  });
});
