import { expect, test } from 'vitest';
import { Lab } from './support/lab.js';

test('L01: an item that fails does not stop the others; the task as a whole has failed', async () => {
  const lab = new Lab();
  const { result } = await lab.run(`
- hosts: [h1]
  tasks:
    - name: loop
      sim: {do: "<%= item %>", fails_on: "<%= item === 'b' ? ['h1'] : [] %>"}
      loop: [a, b, c]
      register: r
      ignore_errors: true
    - debug: "<%= r.failed %> <%= r.results.map((one) => one.failed).join(' ') %>"
`);
  expect(lab.trace).toEqual(['h1 a', 'h1 b', 'h1 c']);
  expect(lab.outcomesOf('loop')).toEqual({ h1: 'failed' });
  expect(lab.shown).toContain('h1: true false true false');
  expect(result).toBe('done');
});

test('a loop has changed when one of its items has, also when another failed', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1]
  tasks:
    - sim: {do: "<%= item %>", changed: "<%= item === 'a' %>", fails_on: "<%= item === 'b' ? ['h1'] : [] %>"}
      loop: [a, b]
      register: r
      ignore_errors: true
    - fail: {msg: no}
      loop: [1]
      register: s
      ignore_errors: true
    - debug: "<%= r.changed %> <%= r.failed %> <%= s.changed %>"
`);
  expect(lab.shown.at(-1)).toBe('h1: true true false');
});

test('every item has an outcome of its own, with its label', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1]
  tasks:
    - sim: "<%= item.name %>"
      loop: [{name: a}, {name: b}]
      loop_control: {label: "<%= item.name %>", index_var: index}
      when: index === 1
`);
  const items = lab.events.flatMap((event) =>
    event.kind === 'item-end' ? [[event.item, event.label, event.outcome.status]] : [],
  );
  expect(items).toEqual([
    [0, 'a', 'skipped'],
    [1, 'b', 'changed'],
  ]);
});

test('L03: a condition that does not hold makes an undefined list no mistake', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1]
  tasks:
    - {name: skipped, sim: a, loop: "<%= nowhere %>", when: false}
    - {name: fails, sim: a, loop: "<%= nowhere %>", ignore_errors: true}
`);
  expect(lab.outcomes).toEqual(['h1: skipped → skipped', 'h1: fails → failed']);
  expect(lab.trace).toEqual([]);
});

test('L05: a pause lies between items, not after the last', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1]
  tasks:
    - sim: "<%= item %>"
      loop: [a, b, c]
      loop_control: {pause: 7}
`);
  expect(lab.clock.slept.filter((time) => time === 7000)).toHaveLength(2);
});

test('L07: until tries again, three times in all unless told otherwise, and stops at the first success', async () => {
  const lab = new Lab();
  const { result } = await lab.run(`
- hosts: [h1]
  tasks:
    - {name: soon, sim: soon, register: r, until: r.count === 2}
    - debug: "<%= r.attempts %>"
    - {name: never, sim: never, register: r, until: r.count > 100}
`);
  expect(lab.shown).toContain('h1: 2');
  expect(lab.counts.get('h1 never')).toBe(3);
  expect(lab.clock.slept.filter((time) => time === 5000)).toHaveLength(3);
  expect(result).toBe('failed');
});

test('a task whose until never held has failed, whatever failed_when says', async () => {
  const lab = new Lab();
  const { result } = await lab.run(`
- hosts: [h1]
  tasks:
    - {name: never, sim: a, register: r, until: r.rc === 1, retries: 1, delay: 0, failed_when: false}
`);
  expect(result).toBe('failed');
  expect(lab.messageOf('h1', 'never')).toBe('`r.rc === 1` never held (2 tries)');
});

test('L09: retries without a condition means until it succeeds', async () => {
  const lab = new Lab();
  const { result } = await lab.run(`
- hosts: [h1]
  tasks:
    - {sim: {do: a, fails: 2}, retries: 5, delay: 1, register: r}
    - debug: "<%= r.attempts %>"
`);
  expect(result).toBe('done');
  expect(lab.shown).toContain('h1: 3');
  expect(lab.events.filter((event) => event.kind === 'task-retry')).toHaveLength(2);
});

test('changed_when and failed_when may ask how many tries it took; a loop over nothing has no results', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1]
  tasks:
    - {sim: a, register: r, until: r.changed, retries: 5, delay: 0, changed_when: r.attempts === 2}
    - {sim: b, register: none, loop: []}
    - debug: "<%= r.attempts %> <%= none.results.length %> <%= none.skipped %>"
`);
  expect(lab.shown).toContain('h1: 2 0 true');
});

test('L11: a fact that grows in a loop sees every step before, nothing is left out', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1]
  tasks:
    - set_fact: {seen: "<%= [...(seen ?? []), item] %>"}
      loop: [a, a, b]
    - debug: "<%= seen.join('') %>"
`);
  expect(lab.shown).toContain('h1: aab');
});

test('a loop over what is no list fails with a hint', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1]
  tasks:
    - {name: a, sim: a, loop: "<%= ({ x: 1 }) %>"}
`);
  expect(lab.messageOf('h1', 'a')).toBe('a loop needs a list');
});

test('loop_control extended tells where an item stands, also in an include', async () => {
  const lab = new Lab({ files: { 'pb/inner.yaml': '- debug: "in <%= ansible_loop.index0 %>"\n' } });
  await lab.run(`
- hosts: [h1]
  tasks:
    - debug: "<%= ansible_loop.index %>/<%= ansible_loop.length %> <%= ansible_loop.first %> <%= ansible_loop.nextitem ?? 'none' %>"
      loop: [a, b]
      loop_control: { extended: true }
    - include_tasks: inner.yaml
      loop: [a, b]
      loop_control: { extended: true }
`);
  const items = lab.events.flatMap((event) => (event.kind === 'item-end' ? [event.outcome.result?.['msg']] : []));
  expect(items).toEqual(['1/2 true b', '2/2 false none']);
  expect(lab.shown).toEqual(['h1: in 0', 'h1: in 1']);
});

test('break_when ends a loop after the item for which it holds; an include cannot have it', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1]
  tasks:
    - { sim: "<%= item %>", loop: [a, b, c], register: r, loop_control: { break_when: "r.out === 'b'" } }
    - debug: "<%= r.results.length %>"
`);
  expect(lab.trace).toEqual(['h1 a', 'h1 b']);
  expect(lab.shown).toEqual(['h1: 2']);
  const include =
    '- hosts: [h1]\n  tasks:\n    - { include_tasks: x.yaml, loop: [1], loop_control: { break_when: "item === 1" } }\n';
  await expect(new Lab({ files: { 'pb/x.yaml': '[]\n' } }).run(include)).rejects.toThrow('cannot have `break_when`');
});
