import { expect, test } from 'vitest';
import { journalSink, readJournal } from '../../../src/run/journal.js';
import { Lab } from './support/lab.js';

test('H01: a handler runs after the section, only on the host whose task changed', async () => {
  const lab = new Lab();
  const { result } = await lab.run(`
- hosts: [h1, h2]
  tasks:
    - sim: {do: a, changed: "<%= host.name === 'h1' %>"}
      notify: restart
    - sim: b
  handlers:
    - name: restart
      sim: restart
`);
  expect(lab.trace).toEqual(['h1 a', 'h2 a', 'h1 b', 'h2 b', 'h1 restart']);
  expect(result).toBe('done');
});

test('handlers run once however often they are notified, in the order they are written', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1]
  tasks:
    - sim: a
      notify: [second, first]
    - sim: b
      notify: second
  handlers:
    - name: first
      sim: first
    - name: second
      sim: second
`);
  expect(lab.trace).toEqual(['h1 a', 'h1 b', 'h1 first', 'h1 second']);
});

test('H03: a topic runs every handler that listens to it, also one without a name', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1]
  tasks:
    - sim: a
      notify: config
  handlers:
    - name: named
      sim: named
      listen: config
    - sim: nameless
      listen: config
    - name: third
      sim: third
`);
  expect(lab.trace).toEqual(['h1 a', 'h1 named', 'h1 nameless']);
});

test('H05: handlers that notify each other or themselves end, each after two runs at most', async () => {
  const lab = new Lab();
  const { result } = await lab.run(`
- hosts: [h1]
  tasks:
    - sim: a
      notify: [x, self]
  handlers:
    - name: x
      sim: x
      notify: y
    - name: y
      sim: y
      notify: x
    - name: self
      sim: self
      notify: self
`);
  expect(result).toBe('done');
  for (const name of ['x', 'y', 'self'])
    expect(lab.of('h1').filter((entry) => entry === name).length).toBeLessThanOrEqual(2);
  expect(lab.of('h1')).toContain('y');
});

test('H07: a host that failed does not run its handlers, the others do', async () => {
  const lab = new Lab();
  const { result } = await lab.run(`
- hosts: [h1, h2]
  tasks:
    - sim: a
      notify: restart
    - sim: {do: b, fails_on: [h1]}
  handlers:
    - name: restart
      sim: restart
`);
  expect(lab.trace).toEqual(['h1 a', 'h2 a', 'h1 b', 'h2 b', 'h2 restart']);
  expect(result).toBe('failed');
});

const failsAfterNotify = (force: string): string => `
- hosts: [h1, h2]
  ${force}
  tasks:
    - sim: a
      notify: restart
    - sim: {do: b, fails_on: [h1]}
  handlers:
    - name: restart
      sim: restart
`;

test('force_handlers runs the handlers of a failed host too, and it stays failed', async () => {
  const lab = new Lab();
  const { result } = await lab.run(failsAfterNotify('force_handlers: true'));
  expect(lab.trace.slice(4)).toEqual(['h1 restart', 'h2 restart']);
  expect(result).toBe('failed');
});

test("H09: the play's force_handlers wins over the command line's", async () => {
  const lab = new Lab({ options: { forceHandlers: true } });
  await lab.run(failsAfterNotify('force_handlers: false'));
  expect(lab.trace.slice(4)).toEqual(['h2 restart']);
});

test('H11: a handler that fails at a flush inside a block is taken by its rescue; both hosts go on', async () => {
  const lab = new Lab();
  const { result, recap } = await lab.run(`
- hosts: [h1, h2]
  tasks:
    - block:
        - sim: a
          notify: restart
        - meta: flush_handlers
        - sim: rest
      rescue:
        - sim: rescue
      always:
        - sim: always
    - sim: after
  handlers:
    - name: restart
      sim: {do: restart, fails_on: [h1]}
`);
  expect(lab.of('h1')).toEqual(['a', 'restart', 'rescue', 'always', 'after']);
  expect(lab.of('h2')).toEqual(['a', 'restart', 'rest', 'always', 'after']);
  expect(result).toBe('done');
  expect(recap[0]).toMatchObject({ host: 'h1', rescued: 1, failed: 0 });
});

test("H13: a handler that fails on one host stops neither the other's handler nor the next batch", async () => {
  const lab = new Lab();
  const { result } = await lab.run(`
- hosts: [h1, h2, h3, h4]
  serial: 2
  tasks:
    - sim: a
      notify: restart
  handlers:
    - name: restart
      sim: {do: restart, fails_on: [h1]}
`);
  expect(lab.trace.filter((entry) => entry.endsWith('restart'))).toEqual([
    'h1 restart',
    'h2 restart',
    'h3 restart',
    'h4 restart',
  ]);
  expect(result).toBe('failed');
});

test('H15: a handler that includes a file of tasks runs them all', async () => {
  const lab = new Lab({ files: { 'pb/more.yaml': '- sim: one\n- sim: two\n' } });
  await lab.run(`
- hosts: [h1]
  tasks:
    - sim: a
      notify: more
  handlers:
    - name: more
      include_tasks: more.yaml
`);
  expect(lab.trace).toEqual(['h1 a', 'h1 one', 'h1 two']);
});

test('H17: notify on a block holds for the tasks in it', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1]
  tasks:
    - notify: restart
      block:
        - sim: a
  handlers:
    - name: restart
      sim: restart
`);
  expect(lab.trace).toEqual(['h1 a', 'h1 restart']);
});

test('a handler may be `meta`: what it says holds for the hosts that were notified', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1, h2]
  pre_tasks:
    - {sim: a, changed_when: host.name === 'h1', notify: topic}
  tasks:
    - sim: b
  handlers:
    - {listen: topic, meta: end_host}
`);
  expect(lab.of('h1')).toEqual(['a']);
  expect(lab.of('h2')).toEqual(['a', 'b']);
});

test('H19: tags do not filter handlers', async () => {
  const lab = new Lab({ selection: { tags: ['wanted'] } });
  await lab.run(`
- hosts: [h1]
  tasks:
    - sim: a
      tags: wanted
      notify: restart
    - sim: b
  handlers:
    - name: restart
      tags: other
      sim: restart
`);
  expect(lab.trace).toEqual(['h1 a', 'h1 restart']);
});

test('H21: what was notified in one play is not due in the next, and a failed host takes no part in it', async () => {
  const lab = new Lab();
  await lab.run(`
- name: one
  hosts: [h1, h2]
  tasks:
    - sim: a
      notify: restart
    - sim: {do: b, fails_on: [h1]}
  handlers:
    - name: restart
      sim: restart one
- name: two
  hosts: [h1, h2, h3]
  tasks:
    - sim: c
  handlers:
    - name: restart
      sim: restart two
`);
  expect(lab.trace.slice(4)).toEqual(['h2 restart one', 'h2 c', 'h3 c']);
});

test('a handler that was due when its host failed is in the journal, and the next run is given it', async () => {
  const lab = new Lab();
  const lines: string[] = [];
  const journal = journalSink((line) => lines.push(line));
  await lab.run(failsAfterNotify('name: main'));
  lab.events.forEach(journal);
  const summary = readJournal(lines.join('\n'));
  expect(summary).toMatchObject({ run: 'run-1', result: 'failed', playsDone: [] });
  expect(summary?.due).toEqual([{ play: 'main', host: 'h1', handlers: ['restart'] }]);

  const later = new Lab({ options: { dueHandlers: summary?.due ?? [] } });
  await later.run(`
- name: main
  hosts: [h1, h2]
  tasks:
    - sim: {do: a, changed: false}
      notify: restart
  handlers:
    - name: restart
      sim: restart
`);
  expect(later.trace).toEqual(['h1 a', 'h2 a', 'h1 restart']);
});

test('a journal that was cut off in the middle of a line still tells what was due', async () => {
  const lab = new Lab();
  const lines: string[] = [];
  await lab.run(failsAfterNotify('name: main'));
  lab.events.forEach(journalSink((line) => lines.push(line)));
  const cut = lines.slice(0, lines.findIndex((line) => line.includes('handler-due')) + 1).join('\n');
  expect(readJournal(`${cut}\n{"kind":"task-e`)).toMatchObject({
    result: undefined,
    due: [{ play: 'main', host: 'h1', handlers: ['restart'] }],
  });
  expect(readJournal('')).toBeUndefined();
});

test('a notification that no handler answers fails the task', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1]
  tasks:
    - name: a
      sim: a
      notify: "<%= 'nobody' %>"
`);
  expect(lab.messageOf('h1', 'a')).toBe('no handler is called or listens to "nobody"');
});

test('a run_once handler that two hosts notified runs on the first of them only', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1, h2]
  tasks:
    - sim: a
      notify: restart
  handlers:
    - name: restart
      run_once: true
      sim: restart
`);
  expect(lab.trace).toEqual(['h1 a', 'h2 a', 'h1 restart']);
});

test('each changed item of a loop notifies by its own name, others do not', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1]
  tasks:
    - sim: {do: "<%= item %>", changed: "<%= item !== 'b' %>"}
      loop: [a, b, c]
      notify: "restart <%= item %>"
  handlers:
    - {name: restart a, sim: ra}
    - {name: restart b, sim: rb}
    - {name: restart c, sim: rc}
`);
  expect(lab.trace).toEqual(['h1 a', 'h1 b', 'h1 c', 'h1 ra', 'h1 rc']);
});

test("the name of a handler may be a template; one that cannot be rendered is nobody's", async () => {
  const lab = new Lab();
  const { result } = await lab.run(`
- hosts: [h1, h2]
  vars: {service: "app-<%= host.name %>", perhaps: {}}
  tasks:
    - sim: a
      notify: restart app-h1
      when: host.name === 'h1'
  handlers:
    - {name: "restart <%= perhaps.other %>", sim: never}
    - {name: "restart <%= service %>", sim: restart}
`);
  expect(result).toBe('done');
  expect(lab.trace).toEqual(['h1 a', 'h1 restart']);
});

test('force_handlers: what is due runs on every host also when any_errors_fatal stops them all', async () => {
  const lab = new Lab();
  const { result } = await lab.run(`
- hosts: [h1, h2]
  any_errors_fatal: true
  force_handlers: true
  tasks:
    - {sim: a, notify: restart}
    - {fail: {msg: no}, when: host.name === 'h1'}
    - sim: after
  handlers:
    - {name: restart, sim: restart}
`);
  expect(lab.trace).toEqual(['h1 a', 'h2 a', 'h1 restart', 'h2 restart']);
  expect(result).toBe('failed');
});

test('a run_once task notifies for the host it ran on, as in Ansible', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1, h2]
  tasks:
    - {sim: a, run_once: true, notify: restart}
  handlers:
    - {name: restart, sim: restart}
`);
  expect(lab.trace).toEqual(['h1 a', 'h1 restart']);
});
