import { expect, test } from 'vitest';
import { journalSink, readJournal } from '../../../src/run/journal.js';
import { Lab, type LabOptions } from './support/lab.js';
import { LastingHosts, lastingModule } from './support/lasting-module.js';
import { refusalsOf, SimCluster, storePlay } from './support/sim-cluster.js';
import { settingModule } from './support/settings-host.js';

const labOf = (hosts: LastingHosts, options: LabOptions = {}): Lab =>
  new Lab({ answer: hosts.answer, modules: [lastingModule], ...options });

const startsOne = (more = ''): string => `
- name: main
  hosts: [h1, h2]
  tasks:
    - name: start
      thing: {start: a}
${more}`;

function dueAfter(lab: Lab): unknown {
  const lines: string[] = [];
  lab.events.forEach(journalSink((line) => lines.push(line)));
  return readJournal(lines.join('\n'))?.due;
}

test('what does not last fails its host at the end of the play, at the place of the task that started it', async () => {
  const hosts = new LastingHosts('h1 a');
  const lab = labOf(hosts);
  const { result, recap } = await lab.run(startsOne(`    - sim: after\n`));
  expect(result).toBe('failed');
  expect(lab.outcomes).toEqual([
    'h1: start → changed',
    'h2: start → changed',
    'h1: sim: after → changed',
    'h2: sim: after → changed',
    'h1: start → failed',
  ]);
  expect(recap.map(({ host, changed, failed }) => ({ host, changed, failed }))).toEqual([
    { host: 'h1', changed: 2, failed: 1 },
    { host: 'h2', changed: 2, failed: 0 },
  ]);
  const last = lab.events.findLast((event) => event.kind === 'task-end');
  expect(last).toMatchObject({
    ref: { span: { file: 'pb/site.yaml', start: { line: 5 } } },
    outcome: { message: 'a is dead', diagnostic: { code: 'not-confirmed', span: { start: { line: 5 } } } },
  });
});

test('what lasts is told nowhere: neither among the outcomes nor in the recap', async () => {
  const lab = labOf(new LastingHosts());
  const { result, recap } = await lab.run(startsOne());
  expect(result).toBe('done');
  expect(lab.outcomes).toEqual(['h1: start → changed', 'h2: start → changed']);
  expect(recap[0]).toMatchObject({ ok: 0, changed: 1, failed: 0 });
});

test('the look waits for what is left of its time, and not at all when the play took longer', async () => {
  const short = labOf(new LastingHosts());
  await short.run(startsOne());
  expect(short.clock.slept[0]).toBe(5000);
  const long = labOf(new LastingHosts());
  await long.run(startsOne(`    - {sim: {do: slow, fails: 1}, retries: 1, delay: 7}\n`));
  expect(long.clock.slept).toEqual([7000, 7000]);
});

test('one look asks a host for all that one user left there, after its handlers', async () => {
  const hosts = new LastingHosts();
  const lab = labOf(hosts);
  await lab.run(`
- hosts: [h1]
  tasks:
    - {thing: {start: "<%= item %>"}, loop: [a, b], notify: restart}
    - {thing: {start: c}, become: true, become_user: cook}
    - {thing: {start: d}, become: true, become_user: cook}
  handlers:
    - {name: restart, thing: {start: e}}
`);
  expect(hosts.log.slice(-3)).toEqual(['h1 start e', 'h1 again a b e', 'h1 again c d as cook']);
  expect(hosts.log.filter((line) => line.includes('again'))).toHaveLength(2);
});

test('a preview leaves nothing to be confirmed, not even by tasks that run in it', async () => {
  const hosts = new LastingHosts('h1 a');
  const lab = labOf(hosts, { options: { preview: true } });
  const { result } = await lab.run(startsOne(`      check_mode: false\n`));
  expect(result).toBe('done');
  expect(hosts.log).toEqual(['h1 start a', 'h2 start a']);
  expect(lab.clock.slept).toEqual([]);
});

test('a later task that stops it, or fails to start it again, makes the first confirmation void', async () => {
  const hosts = new LastingHosts('h1 a', 'h1 b');
  const lab = labOf(hosts);
  const { result } = await lab.run(`
- hosts: [h1]
  tasks:
    - thing: {start: a}
    - thing: {start: b}
    - thing: {stop: a}
    - block: [{thing: {start: b, fails: true}}]
      rescue: [{sim: mend}]
`);
  expect(result).toBe('done');
  expect(hosts.log.filter((line) => line.includes('again'))).toEqual([]);
});

test('a later start takes the place of the first one: it is that task which fails', async () => {
  const hosts = new LastingHosts('h1 a');
  const lab = labOf(hosts);
  await lab.run(`
- hosts: [h1]
  tasks:
    - name: first
      thing: {start: a}
      notify: second
  handlers:
    - name: second
      thing: {start: a}
`);
  expect(lab.outcomes).toEqual(['h1: first → changed', 'h1: second → changed', 'h1: second → failed']);
});

test('ignore_errors of the task that started it lets it pass; a rescue around it does not', async () => {
  const ignored = labOf(new LastingHosts('h1 a'));
  const { result, recap } = await ignored.run(startsOne(`      ignore_errors: true\n`));
  expect(result).toBe('done');
  expect(recap[0]).toMatchObject({ failed: 0, ignored: 1 });
  const rescued = labOf(new LastingHosts('h1 a'));
  const after = await rescued.run(`
- hosts: [h1]
  tasks:
    - block: [{thing: {start: a}}]
      rescue: [{sim: mend}]
`);
  expect(after.result).toBe('failed');
  expect(rescued.trace).toEqual([]);
});

test('a batch is proved before the next one begins', async () => {
  const hosts = new LastingHosts('h1 a');
  const lab = labOf(hosts);
  const { result } = await lab.run(`
- hosts: [h1, h2, h3]
  serial: 1
  max_failures: 0
  tasks: [{thing: {start: a}}]
- hosts: [h1]
  tasks: [{sim: next}]
`);
  expect(result).toBe('failed');
  expect(hosts.log).toEqual(['h1 start a', 'h1 again a']);
  expect(lab.trace).toEqual([]);
});

test('any_errors_fatal stops the play for all', async () => {
  const hosts = new LastingHosts('h2 a');
  const lab = labOf(hosts);
  await lab.run(`
- hosts: [h1, h2, h3]
  serial: 2
  any_errors_fatal: true
  tasks: [{name: start, thing: {start: a}}]
`);
  expect(hosts.log.filter((line) => line.startsWith('h3'))).toEqual([]);
  expect(lab.events).toContainEqual(
    expect.objectContaining({
      kind: 'message',
      text: expect.stringContaining('any_errors_fatal: "start" failed on h2'),
    }),
  );
});

test('under strategy free each host is looked at when its own play is over', async () => {
  const hosts = new LastingHosts('h1 a');
  const lab = labOf(hosts);
  const slow = lab.hold('h2 b');
  hosts.onAgain = ({ host }) => {
    if (host === 'h1') slow.release();
    return undefined;
  };
  const { result } = await lab.run(`
- hosts: [h1, h2]
  strategy: free
  tasks:
    - {name: start, thing: {start: a}}
    - {sim: b}
`);
  expect(result).toBe('failed');
  expect(hosts.log.slice(-2)).toEqual(['h1 again a', 'h2 again a']);
  expect(lab.outcomesOf('start')).toEqual({ h1: 'failed', h2: 'changed' });
});

test('a host that ended its play early is looked at, one that failed is not', async () => {
  const hosts = new LastingHosts('h1 a');
  const lab = labOf(hosts);
  await lab.run(
    startsOne(`    - {meta: end_host, when: host.name === 'h1'}\n    - {sim: {do: bad, fails_on: [h2]}}\n`),
  );
  expect(hosts.log.slice(2)).toEqual(['h1 again a']);
  expect(lab.outcomes.at(-1)).toBe('h1: start → failed');
});

test('a host that is lost by then is unreachable, and one that cannot tell has failed', async () => {
  const hosts = new LastingHosts();
  hosts.onAgain = ({ host }) =>
    host === 'h1' ? { end: { kind: 'lost', message: 'it is gone' } } : { end: { kind: 'code', code: 1 } };
  const lab = labOf(hosts);
  const { recap } = await lab.run(startsOne());
  expect(recap.map(({ unreachable, failed }) => ({ unreachable, failed }))).toEqual([
    { unreachable: 1, failed: 0 },
    { unreachable: 0, failed: 1 },
  ]);
  expect(lab.outcomes.slice(2)).toEqual(['h1: start → unreachable', 'h2: start → failed']);
  const told = lab.events.findLast((event) => event.kind === 'task-end');
  expect(told).toMatchObject({ outcome: { message: 'cannot be confirmed: nobody knows' } });
});

test('what was started on a delegate is looked at there, and fails the host whose task it was', async () => {
  const hosts = new LastingHosts('h2 a');
  const lab = labOf(hosts);
  await lab.run(`
- hosts: [h1]
  tasks: [{name: start, delegate_to: h2, thing: {start: a}}]
`);
  expect(hosts.log).toEqual(['h2 start a', 'h2 again a']);
  expect(lab.outcomes).toEqual(['h1: start → changed', 'h1: start → failed']);
  expect(lab.events.findLast((event) => event.kind === 'task-end')).toMatchObject({ outcome: { delegatedTo: 'h2' } });
});

test('under no_log nothing of the reason is shown', async () => {
  const lab = labOf(new LastingHosts('h1 a'));
  await lab.run(startsOne(`      no_log: true\n`));
  expect(lab.outcomesOf('start')).toEqual({ h1: 'failed', h2: 'changed' });
  expect(JSON.stringify(lab.events)).not.toContain('is dead');
});

const restartsByHandler = `
- name: main
  hosts: [h1, h2]
  tasks:
    - {sim: write, notify: restart}
  handlers:
    - {name: restart, thing: {start: a}}
`;

test('a handler is done when what it started lasts: otherwise it is due in the next run', async () => {
  const lab = labOf(new LastingHosts('h1 a'));
  await lab.run(restartsByHandler);
  expect(dueAfter(lab)).toEqual([{ play: 'main', host: 'h1', handlers: ['restart'] }]);
});

test('a run that is cancelled while it waits ends at once, and the handler is due in the next run', async () => {
  const cancel = new AbortController();
  const hosts = new LastingHosts();
  const lab = labOf(hosts, { signal: cancel.signal });
  lab.clock.hold(5000);
  const sleep = lab.clock.sleep.bind(lab.clock);
  lab.clock.sleep = async (milliseconds, signal) => {
    queueMicrotask(() => cancel.abort());
    return sleep(milliseconds, signal);
  };
  const { result } = await lab.run(restartsByHandler);
  expect(result).toBe('interrupted');
  expect(hosts.log).toEqual(['h1 start a', 'h2 start a']);
  expect(dueAfter(lab)).toEqual([
    { play: 'main', host: 'h1', handlers: ['restart'] },
    { play: 'main', host: 'h2', handlers: ['restart'] },
  ]);
});

test('what a gate started is looked at before the next batch', async () => {
  const hosts = new LastingHosts('h1 a');
  const lab = labOf(hosts);
  await lab.run(`
- hosts: [h1, h2]
  serial: 1
  tasks: [{sim: a}]
  gate: [{thing: {start: a}}]
`);
  expect(hosts.log).toEqual(['h1 start a', 'h1 again a']);
  expect(lab.trace).toEqual(['h1 a']);
});

test('a step of a rollout whose host does not keep up what it started is rolled back', async () => {
  const cluster = new SimCluster();
  const hosts = new LastingHosts('h2 a');
  const lab = cluster.lab({
    modules: [settingModule, lastingModule],
    answer: async (asked) => (await hosts.answer(asked)) ?? cluster.answer(asked),
  });
  const { result } = await lab.run(`${storePlay}
  tasks:
    - {name: version, setting: {key: version, to: "2"}, notify: restart}
  handlers:
    - {name: restart, thing: {start: a}}
`);
  expect(result).toBe('failed');
  expect(cluster.log).toEqual(['h2 keep', 'h2 put 2', 'h2 roll back']);
  expect(refusalsOf(lab)).toEqual([]);
});

test('what a task left that failed after all is not looked at', async () => {
  const hosts = new LastingHosts('h1 a');
  const lab = labOf(hosts);
  const { result } = await lab.run(`
- hosts: [h1]
  tasks:
    - block: [{thing: {start: a}, failed_when: "true"}]
      rescue: [{sim: mend}]
`);
  expect(result).toBe('done');
  expect(hosts.log).toEqual(['h1 start a']);
});

test('a handler that ran before its host failed by something else is done', async () => {
  const hosts = new LastingHosts();
  const lab = labOf(hosts);
  await lab.run(`
- hosts: [h1]
  pre_tasks: [{sim: write, notify: restart}]
  tasks: [{sim: {do: bad, fails_on: [h1]}}]
  handlers: [{name: restart, thing: {start: a}}]
`);
  expect(hosts.log).toEqual(['h1 start a']);
  expect(dueAfter(lab)).toEqual([]);
});

test('a delegate that was lost meanwhile is not asked once more', async () => {
  const hosts = new LastingHosts();
  const lab = labOf(hosts, {
    answer: (asked) =>
      asked.text.includes('look cut') ? { end: { kind: 'lost', message: 'cut off' } } : hosts.answer(asked),
  });
  const { recap } = await lab.run(`
- hosts: [h1, h2]
  tasks:
    - {thing: {start: a}, delegate_to: h2, when: host.name === 'h1'}
    - {sim: cut, when: host.name === 'h2'}
`);
  expect(hosts.log).toEqual(['h2 start a']);
  expect(recap.map(({ unreachable, failed }) => ({ unreachable, failed }))).toEqual([
    { unreachable: 0, failed: 0 },
    { unreachable: 1, failed: 0 },
  ]);
});
