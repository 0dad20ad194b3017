import { expect, test } from 'vitest';
import { includeVars } from '../../../src/modules/include_vars.js';
import { Lab } from './support/lab.js';

test("D01: a delegated task keeps the host's name and variables; facts stay on the original host", async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1]
  vars: {own: "of <%= host.name %>"}
  tasks:
    - name: far
      sim: "<%= own %>"
      delegate_to: h3
    - set_fact: {here: 1}
      delegate_to: h3
    - set_fact: {there: 2}
      delegate_to: h3
      delegate_facts: true
    - debug: "<%= here %> <%= typeof there %> <%= hosts.h3.vars.there %>"
`);
  expect(lab.trace).toEqual(['h3 of h1']);
  const end = lab.events.find((event) => event.kind === 'task-end' && event.ref.task === 'far');
  expect(end).toMatchObject({ ref: { host: 'h1' }, outcome: { delegatedTo: 'h3' } });
  expect(lab.shown).toContain('h1: 1 undefined 2');
});

test('D03: each item of a loop may go to its own delegate', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1]
  tasks:
    - sim: a
      delegate_to: "<%= item %>"
      loop: [h3, h4]
`);
  expect(lab.trace).toEqual(['h3 a', 'h4 a']);
});

test('D03: an unreachable delegate makes the original host unreachable', async () => {
  const lab = new Lab({ down: ['h3'] });
  const { result, recap } = await lab.run(`
- hosts: [h1, h2]
  tasks:
    - sim: a
      delegate_to: h3
      when: host.name === 'h1'
    - sim: b
`);
  expect(lab.trace).toEqual(['h2 b']);
  expect(result).toBe('unreachable');
  expect(recap.find(({ host }) => host === 'h1')).toMatchObject({ unreachable: 1 });
});

test('an empty delegate is an error, never the host itself', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1]
  tasks:
    - {name: a, sim: a, delegate_to: "<%= '' %>"}
`);
  expect(lab.messageOf('h1', 'a')).toBe('delegate_to is empty');
  expect(lab.trace).toEqual([]);
});

test('run_once runs on the first host and gives everybody the result', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1, h2]
  tasks:
    - {sim: a, run_once: true, register: r}
    - {set_fact: {f: 5}, run_once: true}
    - debug: "<%= r.out %> <%= f %>"
`);
  expect(lab.trace).toEqual(['h1 a']);
  expect(lab.shown).toEqual(['h1: a 5', 'h2: a 5']);
});

test('run_once gives everybody what include_vars read, which stays weaker than set_fact', async () => {
  const lab = new Lab({ modules: [includeVars], files: { 'pb/v.yaml': 'a: read\nb: read\n' } });
  await lab.run(`
- hosts: [h1, h2]
  tasks:
    - {set_fact: {b: set}}
    - {include_vars: {file: v.yaml}, run_once: true}
    - debug: "<%= a %> <%= b %>"
`);
  expect(lab.shown).toEqual(['h1: read set', 'h2: read set']);
});

test('D05: a run_once task that fails stops every host', async () => {
  const lab = new Lab();
  const { result, recap } = await lab.run(`
- hosts: [h1, h2]
  tasks:
    - {sim: {do: a, fails_on: [h1]}, run_once: true}
    - sim: b
`);
  expect(lab.trace).toEqual(['h1 a']);
  expect(result).toBe('failed');
  expect(recap.map(({ failed }) => failed)).toEqual([1, 1]);
});

test('run_once runs once in each batch, with a warning the first time', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1, h2, h3, h4]
  serial: 2
  tasks:
    - {sim: a, run_once: true}
    - {sim: b, run_once: true}
`);
  expect(lab.trace).toEqual(['h1 a', 'h1 b', 'h3 a', 'h3 b']);
  expect(lab.events.filter((event) => event.kind === 'message' && event.level === 'warning')).toHaveLength(1);
});

test('run_once under strategy free: the first to come runs it, the others have its result', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1, h2]
  strategy: free
  tasks:
    - {sim: a, run_once: true, register: r}
    - debug: "<%= r.out %>"
`);
  expect(lab.trace).toEqual(['h1 a']);
  expect([...lab.shown].sort()).toEqual(['h1: a', 'h2: a']);
});

test('run_once under strategy free: where the task failed on the first, the others fail when they come to it', async () => {
  const lab = new Lab();
  const { result } = await lab.run(`
- hosts: [h1, h2]
  strategy: free
  tasks:
    - {sim: one, when: host.name === 'h2'}
    - {sim: two, when: host.name === 'h2'}
    - block:
        - {sim: {do: a, fails_on: [h1]}, run_once: true}
      rescue:
        - sim: rescue
    - sim: after
`);
  expect(lab.of('h1')).toEqual(['a', 'rescue', 'after']);
  expect(lab.of('h2')).toEqual(['one', 'two', 'rescue', 'after']);
  expect(result).toBe('done');
});

test('D09: throttle holds a task back below the forks; the innermost throttle wins', async () => {
  const lab = new Lab({ options: { forks: 8 } });
  await lab.run(`
- hosts: [h1, h2, h3, h4]
  throttle: 1
  tasks:
    - {sim: a, throttle: 2}
`);
  expect(lab.most).toBe(2);

  const outer = new Lab({ options: { forks: 8 } });
  await outer.run(`
- hosts: [h1, h2, h3, h4]
  throttle: 1
  tasks:
    - sim: a
`);
  expect(outer.most).toBe(1);
});

test('forks limit how many hosts are worked on at the same time', async () => {
  const lab = new Lab({ options: { forks: 3 } });
  await lab.run('- hosts: [h1, h2, h3, h4]\n  tasks:\n    - sim: a\n');
  expect(lab.most).toBe(3);
});
