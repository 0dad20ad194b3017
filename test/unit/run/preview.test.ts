import { expect, test } from 'vitest';
import { Lab } from './support/lab.js';

const preview = { options: { preview: true } } as const;

test('K01: a preview predicts and changes nothing; check_mode: false really runs', async () => {
  const lab = new Lab(preview);
  const { result } = await lab.run(`
- hosts: [h1]
  tasks:
    - {name: change, sim: a}
    - {name: same, sim: {do: b, would: same}}
    - {name: act, sim: {do: c, would: act}}
    - {name: forced, sim: d, check_mode: false}
    - {name: fails, sim: {do: e, would: failed}, ignore_errors: true}
`);
  expect(lab.trace).toEqual(['h1 d']);
  expect(lab.outcomesOf('change')).toEqual({ h1: 'change' });
  expect(lab.outcomesOf('same')).toEqual({ h1: 'same' });
  expect(lab.outcomesOf('act')).toEqual({ h1: 'unknown' });
  expect(lab.outcomesOf('forced')).toEqual({ h1: 'changed' });
  expect(result).toBe('done');
});

test('check_mode: true predicts one task of a real run', async () => {
  const lab = new Lab();
  await lab.run('- hosts: [h1]\n  tasks:\n    - {name: a, sim: a, check_mode: true}\n    - sim: b\n');
  expect(lab.trace).toEqual(['h1 b']);
  expect(lab.outcomesOf('a')).toEqual({ h1: 'change' });
});

test('an unknown result flows on through conditions, templates and loops', async () => {
  const lab = new Lab(preview);
  const { result } = await lab.run(`
- hosts: [h1]
  tasks:
    - {name: act, sim: {do: a, would: act}, register: r}
    - {name: condition, sim: b, when: r.rc === 0}
    - {name: template, sim: "say <%= r.stdout %>"}
    - {name: loop, sim: "<%= item %>", loop: "<%= r.lines %>"}
    - {name: kept, set_fact: {x: "<%= r.stdout %>"}}
    - {name: fact, sim: "<%= x %>"}
    - {name: assert, assert: {that: r.rc === 0}}
    - {name: short, sim: c, when: "false && r.rc === 0"}
`);
  for (const task of ['act', 'condition', 'template', 'loop', 'fact', 'assert'])
    expect(lab.outcomesOf(task)).toEqual({ h1: 'unknown' });
  expect(lab.outcomesOf('short')).toEqual({ h1: 'skipped' });
  expect(result).toBe('done');
});

test('what only the change would tell is unknown, what is plain is known', async () => {
  const lab = new Lab(preview);
  await lab.run(`
- hosts: [h1]
  tasks:
    - {sim: a, register: r}
    - {name: known, sim: b, when: r.changed}
    - {name: not yet, sim: c, when: r.out === 'a'}
`);
  expect(lab.outcomesOf('known')).toEqual({ h1: 'change' });
  expect(lab.outcomesOf('not yet')).toEqual({ h1: 'unknown' });
});

test('a failure that an act before may have mended is unknown; without one it is predicted', async () => {
  const lab = new Lab(preview);
  await lab.run(`
- hosts: [h1]
  tasks:
    - {name: before, sim: {do: a, would: failed}, ignore_errors: true}
    - {name: act, sim: {do: b, would: act}}
    - {name: after, sim: {do: c, would: failed}}
`);
  expect(lab.outcomesOf('before')).toEqual({ h1: 'failed' });
  expect(lab.outcomesOf('after')).toEqual({ h1: 'unknown' });
  expect(lab.messageOf('h1', 'after')).toBe('an earlier change hides the answer (now: c cannot work)');
});

test('an answer that rests on what an earlier task would change is unknown', async () => {
  const lab = new Lab(preview);
  await lab.run(`
- hosts: [h1]
  tasks:
    - {sim: {do: a, provides: ["path:/etc/x"]}}
    - {name: touched, sim: {do: b, rests_on: ["path:/etc/x"]}}
    - {name: apart, sim: {do: c, rests_on: ["path:/etc/y"]}}
`);
  expect(lab.outcomesOf('touched')).toEqual({ h1: 'unknown' });
  expect(lab.outcomesOf('apart')).toEqual({ h1: 'change' });
});

test('a command that says it changes nothing is no change in a preview, and hides nothing', async () => {
  const lab = new Lab(preview);
  await lab.run(`
- hosts: [h1]
  tasks:
    - {name: ask, sim: {do: a, would: act}, changed_when: false, register: r}
    - {name: after, sim: {do: c, would: failed}, ignore_errors: true}
    - {name: reads, sim: b, when: r.rc === 0}
`);
  expect(lab.outcomesOf('ask')).toEqual({ h1: 'same' });
  expect(lab.outcomesOf('after')).toEqual({ h1: 'failed' });
  expect(lab.outcomesOf('reads')).toEqual({ h1: 'unknown' });
});

test('handlers are predicted: notified by a change they would change, by an unknown perhaps', async () => {
  const lab = new Lab(preview);
  await lab.run(`
- hosts: [h1, h2]
  tasks:
    - {name: a, sim: {do: a, would: "<%= host.name === 'h1' ? 'change' : 'act' %>"}, notify: restart}
  handlers:
    - {name: restart, sim: restart}
`);
  expect(lab.outcomesOf('restart')).toEqual({ h1: 'change', h2: 'unknown' });
});

test('until is looked at once in a preview', async () => {
  const lab = new Lab(preview);
  await lab.run(
    '- hosts: [h1]\n  tasks:\n    - {name: a, sim: {do: a, would: same}, register: r, until: "r.out === \'b\'"}\n',
  );
  expect(lab.outcomesOf('a')).toEqual({ h1: 'unknown' });
  expect(lab.clock.slept).toEqual([]);
});

test('the end of a preview says how many outcomes were certain', async () => {
  const lab = new Lab(preview);
  await lab.run('- hosts: [h1]\n  tasks:\n    - sim: a\n    - {sim: {do: b, would: act}}\n');
  expect(lab.events.at(-1)).toMatchObject({ kind: 'run-end', predicted: { known: 1, all: 2 } });
});
