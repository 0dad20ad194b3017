import { expect, test } from 'vitest';
import { InternalError } from '../../../src/core/assert.js';
import { CancelledError } from '../../../src/core/errors.js';
import { Lab } from './support/lab.js';

test('linear: all hosts finish a task before the next one starts', async () => {
  const lab = new Lab();
  const slow = lab.hold('h1 a');
  const running = lab.run('- hosts: [h1, h2]\n  tasks:\n    - sim: a\n    - sim: b\n');
  await slow.entered;
  slow.release();
  await running;
  expect(lab.trace).toEqual(['h1 a', 'h2 a', 'h1 b', 'h2 b']);
});

test('free: a slow host does not hold the others up', async () => {
  const lab = new Lab();
  const slow = lab.hold('h1 a');
  const last = lab.hold('h2 b');
  const running = lab.run('- hosts: [h1, h2]\n  strategy: free\n  tasks:\n    - sim: a\n    - sim: b\n');
  await last.entered;
  last.release();
  slow.release();
  await running;
  expect(lab.trace).toEqual(['h1 a', 'h2 a', 'h2 b', 'h1 b']);
});

test('N03: each host runs its own included file, and all wait for each other before the next task', async () => {
  const lab = new Lab({ files: { 'pb/h1.yaml': '- sim: one\n', 'pb/h2.yaml': '- sim: two\n- sim: three\n' } });
  const slow = lab.hold('h1 one');
  const running = lab.run(`
- hosts: [h1, h2]
  tasks:
    - include_tasks: "<%= host.name %>.yaml"
    - sim: after
`);
  await slow.entered;
  slow.release();
  await running;
  expect(lab.of('h1')).toEqual(['one', 'after']);
  expect(lab.of('h2')).toEqual(['two', 'three', 'after']);
  expect(lab.trace.slice(-2)).toEqual(['h1 after', 'h2 after']);
});

test('N01: a condition on a dynamic include is judged once', async () => {
  const lab = new Lab({ files: { 'pb/more.yaml': '- sim: one\n- set_fact: {go: false}\n- sim: two\n' } });
  await lab.run(`
- hosts: [h1]
  vars: {go: true}
  tasks:
    - include_tasks: "<%= 'more' %>.yaml"
      when: go
`);
  expect(lab.trace).toEqual(['h1 one', 'h1 two']);
});

test('N01: a condition on a static import is judged anew for each task inside', async () => {
  const lab = new Lab({ files: { 'pb/more.yaml': '- sim: one\n- set_fact: {go: false}\n- sim: two\n' } });
  await lab.run(`
- hosts: [h1]
  vars: {go: true}
  tasks:
    - import_tasks: more.yaml
      when: go
`);
  expect(lab.trace).toEqual(['h1 one']);
});

test('an include in a loop runs once for each item, the same file twice too', async () => {
  const lab = new Lab({ files: { 'pb/more.yaml': '- sim: "<%= item %>"\n' } });
  await lab.run(`
- hosts: [h1]
  tasks:
    - include_tasks: more.yaml
      loop: [a, a, b]
`);
  expect(lab.trace).toEqual(['h1 a', 'h1 a', 'h1 b']);
});

test('plays that do not need each other run at the same time', async () => {
  const lab = new Lab();
  const one = lab.hold('h1 a');
  const two = lab.hold('h3 b');
  const running = lab.run(`
- name: left
  hosts: [h1]
  needs: []
  tasks: [{sim: a}]
- name: right
  hosts: [h3]
  needs: []
  tasks: [{sim: b}]
- name: last
  hosts: [h1, h3]
  needs: [left, right]
  tasks: [{sim: c}]
`);
  await Promise.all([one.entered, two.entered]);
  expect(lab.trace).not.toContain('h1 c');
  one.release();
  two.release();
  await running;
  expect(lab.trace.slice(2)).toEqual(['h1 c', 'h3 c']);
});

test('a host that one play lost is missing only in the plays that need it', async () => {
  const lab = new Lab();
  await lab.run(`
- {name: left, hosts: [h1, h2], needs: [], tasks: [{sim: {do: a, fails_on: [h1]}}]}
- {name: after left, hosts: [h1, h2], needs: [left], tasks: [{sim: b}]}
- {name: apart, hosts: [h1], needs: [], tasks: [{sim: c}]}
`);
  expect([...lab.of('h1')].sort()).toEqual(['a', 'c']);
  expect(lab.of('h2')).toEqual(['a', 'b']);
});

test('a play that lost all its hosts stops those that need it, and nothing else', async () => {
  const lab = new Lab({ down: ['h1'] });
  const { result } = await lab.run(`
- {name: left, hosts: [h1], needs: [], tasks: [{sim: a}]}
- {name: after left, hosts: [h2], needs: [left], tasks: [{sim: b}]}
- {name: apart, hosts: [h3], needs: [], tasks: [{sim: c}]}
`);
  expect(lab.trace).toEqual(['h3 c']);
  expect(result).toBe('unreachable');
});

test('Q23, F23: a batch that fails as a whole stops the rollout; later hosts are never connected to', async () => {
  const lab = new Lab();
  const { result } = await lab.run(`
- hosts: [h1, h2, h3]
  serial: 1
  tasks:
    - sim: {do: a, fails_on: [h1]}
`);
  expect(lab.connected).toEqual(['h1']);
  expect(result).toBe('failed');
});

test('a gate that does not hold stops the rollout', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1, h2, h3, h4]
  serial: 2
  tasks: [{sim: a}]
  gate: [{sim: {do: gate, fails_on: [h2]}}]
`);
  expect(lab.trace).toEqual(['h1 a', 'h2 a', 'h1 gate', 'h2 gate']);
});

test('on_failure runs on the hosts of a play that failed, which stay failed', async () => {
  const lab = new Lab();
  const { result } = await lab.run(`
- hosts: [h1, h2]
  tasks: [{name: bad, sim: {do: a, fails_on: [h1]}}]
  on_failure:
    - sim: mend
    - {debug: "<%= failed_task.name %>", when: host.name === 'h1'}
`);
  expect(lab.trace.slice(2)).toEqual(['h1 mend', 'h2 mend']);
  expect(lab.shown).toContain('h1: bad');
  expect(result).toBe('failed');
});

test('meta end_host, end_play and end_batch leave out just what they say', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1, h2]
  tasks:
    - {meta: end_host, when: host.name === 'h1'}
    - sim: a
    - meta: end_play
    - sim: b
- hosts: [h1, h2, h3]
  serial: 2
  tasks:
    - {meta: end_batch, when: host.name === 'h1'}
    - sim: c
`);
  expect(lab.trace).toEqual(['h2 a', 'h3 c']);
});

test('a cancelled run starts nothing further and says interrupted', async () => {
  const cancel = new AbortController();
  const lab = new Lab({ signal: cancel.signal });
  const slow = lab.hold('h1 a');
  const running = lab.run(`
- hosts: [h1, h2]
  tasks:
    - {name: a, sim: a, notify: restart}
    - sim: b
  handlers: [{name: restart, sim: restart}]
- hosts: [h3]
  tasks: [{sim: later}]
`);
  await slow.entered;
  cancel.abort();
  const { result } = await running;
  expect(result).toBe('interrupted');
  expect(lab.trace).toEqual(['h1 a', 'h2 a']);
  expect(lab.events.at(-1)).toMatchObject({ kind: 'run-end', result: 'interrupted' });
});

test('--start-at-task leaves out what comes before, in every batch; an unknown name is an error', async () => {
  const play = '- hosts: [h1, h2]\n  serial: 1\n  tasks:\n    - {name: one, sim: a}\n    - {name: two, sim: b}\n';
  const lab = new Lab({ selection: { startAtTask: 'two' } });
  await lab.run(play);
  expect(lab.trace).toEqual(['h1 b', 'h2 b']);
  await expect(new Lab({ selection: { startAtTask: 'tow' } }).run(play)).rejects.toThrow('no task is called "tow"');
});

test('--step asks before each task, and no more after "run all"', async () => {
  const asked: string[] = [];
  const answers = ['skip', 'run', 'run-all'] as const;
  const lab = new Lab({ options: { confirm: async (task) => answers[asked.push(task) - 1] ?? 'skip' } });
  await lab.run('- hosts: [h1]\n  tasks: [{sim: a}, {sim: b}, {sim: c}, {sim: d}]\n');
  expect(asked).toEqual(['sim: a', 'sim: b', 'sim: c']);
  expect(lab.trace).toEqual(['h1 b', 'h1 c', 'h1 d']);
});

test('G11: connecting does not use up the forks: dead hosts cost one timeout in all', async () => {
  let give: () => void = () => undefined;
  const all = new Promise<void>((resolve) => {
    give = resolve;
  });
  const begun: string[] = [];
  const lab = new Lab({
    down: ['h1', 'h2', 'h3'],
    options: { forks: 1 },
    connecting: async (host) => {
      if (begun.push(host) === 4) give();
      await all;
    },
  });
  const { result } = await lab.run('- hosts: [h1, h2, h3, h4]\n  tasks: [{sim: a}]\n');
  expect(begun).toEqual(['h1', 'h2', 'h3', 'h4']);
  expect(lab.trace).toEqual(['h4 a']);
  expect(result).toBe('unreachable');
});

test('a host that a condition leaves out is never connected to', async () => {
  const lab = new Lab();
  await lab.run('- hosts: [h1, h2]\n  tasks: [{sim: a, when: "host.name === \'h2\'"}]\n');
  expect(lab.connected).toEqual(['h2']);
});

test('a run cancelled while it connects is interrupted, not broken', async () => {
  const cancel = new AbortController();
  const lab = new Lab({
    signal: cancel.signal,
    connecting: async () => {
      cancel.abort();
      throw new CancelledError('cancelled');
    },
  });
  const { result } = await lab.run('- hosts: [h1]\n  tasks: [{sim: a}]\n');
  expect(result).toBe('interrupted');
});

test('a mistake of ours is passed on, after everything under way has ended', async () => {
  const lab = new Lab({
    connecting: async () => {
      throw new InternalError('ours');
    },
  });
  await expect(lab.run('- hosts: [h1]\n  tasks: [{sim: a}]\n')).rejects.toThrow(InternalError);
  expect(lab.events.at(-1)).toMatchObject({ kind: 'run-end' });
});

test('a play whose hosts all failed before is passed over: plays below it run, those that name it in their needs do not', async () => {
  const lab = new Lab();
  const { result } = await lab.run(`
- {name: base, hosts: [h1, h2], tasks: [{sim: {do: a, fails_on: [h1]}}]}
- {name: only h1, hosts: [h1], tasks: [{sim: b}]}
- {name: below, hosts: [h1, h2], tasks: [{sim: c}]}
- {name: naming, hosts: [h2], needs: [only h1], tasks: [{sim: d}]}
`);
  expect(lab.of('h2')).toEqual(['a', 'c']);
  expect(lab.of('h1')).not.toContain('b');
  expect(result).toBe('failed');
});
