import { describe, expect, it } from 'vitest';
import { startStopwatch } from '../rig/stopwatch.js';
import { until } from '../rig/until.js';
import { faultHostForFile, processesWith } from './support/fault-host.js';

const site = faultHostForFile();

const twoTasks = (mark: string): string => `- hosts: web
  facts: false
  tasks:
    - name: Notifies
      command: "true"
      notify: Due
    - name: Long
      shell: "sleep ${mark} & sleep ${mark}"
    - name: After
      command: "true"
  handlers:
    - name: Due
      command: "true"
`;

describe.each([
  ['F2: Ctrl-C', 'SIGINT', 130, '702.1'],
  ['F3: SIGTERM', 'SIGTERM', 143, '703.1'],
] as const)('%s in the middle of a task', (_name, signal, exitCode, mark) => {
  it('ends what runs there, keeps what is due, and leaves within 3 s', async () => {
    const run = site.apply(twoTasks(mark));
    await until(() => processesWith(`sleep ${mark}`, site.host.user.name).length >= 2);
    const watch = startStopwatch();
    run.signal(signal);
    const { code, task, events } = await run.ended;
    expect(watch.milliseconds()).toBeLessThan(3000);
    expect(code).toBe(exitCode);
    expect(task('Long')['h1']?.message).toContain('interrupted');
    expect(task('Long')['h1']?.status).toBe('failed');
    expect(task('After')).toEqual({});
    expect(events.at(-1)).toMatchObject({ kind: 'run-end', result: 'interrupted' });
    await until(() => processesWith(`sleep ${mark}`, site.host.user.name).length === 0);
    const shown = await site.run('runs', String(runId(events))).ended;
    expect(shown.stdout).toContain('due on h1');
  });

  it('leaves at once when asked a second time, even from a black hole, and nothing lives on after it', async () => {
    const { host } = site;
    const run = site.apply(twoTasks(`${mark}9`));
    await until(() => processesWith(`sleep ${mark}9`, host.user.name).length >= 2);
    host.cut();
    try {
      run.signal(signal);
      await until(() => run.stderr().includes('Once more'));
      const watch = startStopwatch();
      run.signal(signal);
      const { code } = await run.ended;
      expect(watch.milliseconds()).toBeLessThan(1000);
      expect(code).toBe(exitCode);
      expect(host.dropped()).toBeGreaterThan(0);
    } finally {
      host.heal();
    }
    await until(() => processesWith(`sleep ${mark}9`).length === 0);
  });

  it('leaves within 3 s also when the host has fallen silent', async () => {
    const { host } = site;
    const run = site.apply(twoTasks(`${mark}8`));
    await until(() => processesWith(`sleep ${mark}8`, host.user.name).length >= 2);
    host.cut();
    try {
      const watch = startStopwatch();
      run.signal(signal);
      const { code } = await run.ended;
      expect(watch.milliseconds()).toBeLessThan(3500);
      expect(code).toBe(exitCode);
      expect(host.dropped()).toBeGreaterThan(0);
    } finally {
      host.heal();
    }
    await until(() => processesWith(`sleep ${mark}8`).length === 0);
  });
});

function runId(events: readonly { readonly kind: string }[]): unknown {
  const start = events.find((event) => event.kind === 'run-start');
  return start !== undefined && 'run' in start ? start.run : undefined;
}
