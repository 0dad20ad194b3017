import { expect, test } from 'vitest';
import { Lab } from './support/lab.js';

test('B01: rescue runs where the block failed, the rest of the block elsewhere, always everywhere', async () => {
  const lab = new Lab();
  const { result, recap } = await lab.run(`
- hosts: [h1, h2]
  tasks:
    - block:
        - sim: {do: a, fails_on: [h1]}
        - sim: rest
      rescue:
        - sim: rescue
      always:
        - sim: always
    - sim: after
`);
  expect(lab.of('h1')).toEqual(['a', 'rescue', 'always', 'after']);
  expect(lab.of('h2')).toEqual(['a', 'rest', 'always', 'after']);
  expect(result).toBe('done');
  expect(recap[0]).toMatchObject({ host: 'h1', rescued: 1, failed: 0 });
});

test('B03: an always that fails fails the host, also after a rescue', async () => {
  const lab = new Lab();
  const { result, recap } = await lab.run(`
- hosts: [h1]
  tasks:
    - block:
        - sim: {do: a, fails_on: [h1]}
      rescue:
        - sim: rescue
      always:
        - sim: {do: always, fails_on: [h1]}
    - sim: after
`);
  expect(lab.of('h1')).toEqual(['a', 'rescue', 'always']);
  expect(result).toBe('failed');
  expect(recap[0]).toMatchObject({ rescued: 1, failed: 1 });
});

test('B05: the inner always runs before the outer rescue, which can read what failed', async () => {
  const lab = new Lab();
  const { result } = await lab.run(`
- hosts: [h1]
  tasks:
    - block:
        - block:
            - name: the bad one
              sim: {do: bad, fails_on: [h1]}
          always:
            - sim: inner always
        - sim: rest of outer
      rescue:
        - debug: "<%= failed_task.name %> rc <%= failed_result.rc %>"
    - sim: after
`);
  expect(lab.of('h1')).toEqual(['bad', 'inner always', 'after']);
  expect(lab.shown).toContain('h1: the bad one rc 1');
  expect(result).toBe('done');
});

test('B07: a mistake in a file included at run time is not rescued: the run stops', async () => {
  const lab = new Lab({ files: { 'pb/bad.yaml': '- no_such_module: x\n' } });
  const outcome = await lab.run(`
- hosts: [h1]
  tasks:
    - block:
        - include_tasks: "<%= 'bad' %>.yaml"
      rescue:
        - sim: rescue
    - sim: after
- hosts: [h2]
  tasks:
    - sim: later
`);
  expect(lab.trace).toEqual([]);
  expect(outcome.result).toBe('failed');
  expect(outcome.invalid?.[0]?.message).toContain('no_such_module');
});

test('B09: an undefined variable inside a block can be rescued', async () => {
  const lab = new Lab();
  const { result } = await lab.run(`
- hosts: [h1]
  tasks:
    - block:
        - debug: "<%= nowhere %>"
      rescue:
        - debug: "<%= failed_result.msg %>"
`);
  expect(result).toBe('done');
  expect(lab.shown).toContain('h1: `nowhere` is not defined');
});

test('B11: nothing of a block whose condition does not hold runs, not even always', async () => {
  const lab = new Lab();
  const { result } = await lab.run(`
- hosts: [h1]
  tasks:
    - when: 1 === 2
      block:
        - sim: a
      always:
        - sim: always
`);
  expect(lab.trace).toEqual([]);
  expect(result).toBe('done');
});

test('an unreachable host is not rescued', async () => {
  const lab = new Lab({ down: ['h1'] });
  const { result, recap } = await lab.run(`
- hosts: [h1, h2]
  tasks:
    - block:
        - sim: a
      rescue:
        - sim: rescue
    - sim: after
`);
  expect(lab.trace).toEqual(['h2 a', 'h2 after']);
  expect(result).toBe('unreachable');
  expect(recap[0]).toMatchObject({ host: 'h1', unreachable: 1, failed: 0, unreachableReason: 'refused' });
});
