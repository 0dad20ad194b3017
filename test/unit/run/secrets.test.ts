import { expect, test } from 'vitest';
import { Lab } from './support/lab.js';

const secret = 'hunter2-very-secret';

test('S01: under no_log a secret is nowhere in the events, and later tasks can use the result', async () => {
  const lab = new Lab({ options: { diff: true } });
  await lab.run(`
- hosts: [h1]
  no_log: true
  vars: {s: ${secret}}
  tasks:
    - {name: ok, sim: {do: a, out: "<%= s %>", content: "<%= s %>"}, register: r}
    - {name: failed, sim: {do: "<%= s %>", fails_on: [h1]}, ignore_errors: true}
    - {name: items, sim: "<%= item %>", loop: ["<%= s %>"]}
    - {name: skipped items, sim: "<%= item %>", loop: ["<%= s %>"], when: item === 'x'}
    - {name: skipped, sim: "<%= s %>", when: s === 'x'}
    - {name: template error, sim: "<%= s.nowhere.deeper %>", ignore_errors: true}
    - {name: retry, sim: {do: "x <%= s %>", fails: 1}, retries: 1, delay: 0}
    - {name: used, assert: {that: "r.out === s", fail_msg: "<%= s %>"}}
`);
  expect(JSON.stringify(lab.events)).not.toContain(secret);
  expect(lab.outcomesOf('used')).toEqual({ h1: 'ok' });
  expect(lab.outcomesOf('failed')).toEqual({ h1: 'failed' });
});

test('a secret parameter is masked by value everywhere, without no_log', async () => {
  const lab = new Lab({ options: { diff: true } });
  await lab.run(`
- hosts: [h1]
  tasks:
    - {name: a, sim: {do: a, password: ${secret}, out: "x ${secret} y", content: ${secret}}, register: r}
    - {name: "say <%= r.out %>", debug: "<%= r.out %>"}
    - {assert: {that: "r.out === 'x ${secret} y'"}}
`);
  expect(lab.events.filter((event) => event.kind !== 'task-start' && JSON.stringify(event).includes(secret))).toEqual(
    [],
  );
  expect(lab.outcomes.at(-1)).toContain('→ ok');
});

test('K05: no_log hides the diff too, and diff: false hides the diff of one task', async () => {
  const lab = new Lab({ options: { diff: true } });
  await lab.run(`
- hosts: [h1]
  tasks:
    - {name: shown, sim: {do: a, content: text}}
    - {name: hidden, sim: {do: b, content: text}, no_log: true}
    - {name: off, sim: {do: c, content: text}, diff: false}
`);
  const diffs = lab.events.flatMap((event) =>
    event.kind === 'task-end' ? [[event.ref.task, event.outcome.changes.some((change) => change.diff)]] : [],
  );
  expect(diffs).toEqual([
    ['shown', true],
    ['hidden', false],
    ['off', false],
  ]);
});

test('S03: without -D the content of files is not in the events', async () => {
  const lab = new Lab();
  await lab.run('- hosts: [h1]\n  tasks:\n    - {sim: {do: a, content: the-body-of-the-file}}\n');
  expect(JSON.stringify(lab.events)).not.toContain('the-body-of-the-file');
});

test('what a no_log task was told by its host is masked wherever a later task shows it', async () => {
  const lab = new Lab({ answer: ({ kind }) => (kind === 'exec' ? { stdout: `${secret}\n` } : undefined) });
  await lab.run(`
- hosts: [h1]
  tasks:
    - {sim: {do: a, run: show-token}, no_log: true, register: token}
    - {debug: "the token is <%= token.stdout.trim() %>"}
`);
  expect(lab.shown).toEqual(['h1: the token is ********']);
});
