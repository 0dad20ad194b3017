import { expect, test } from 'vitest';
import { Lab } from './support/lab.js';

const files = {
  'pb/migrate.yaml': '- sim: migrate\n',
  'pb/learn.yaml': '- set_fact: {learned: "<%= host.name %>"}\n',
  'pb/h1.yaml': '- sim: of h1\n',
  'pb/roles/r/tasks/main.yaml': '- sim: role\n',
};

test.each([
  ['tasks', 'include_tasks: migrate.yaml', 'migrate'],
  ['a role', 'include_role: {name: r}', 'role'],
  ['a file named by host', 'include_tasks: "<%= host.name %>.yaml"', 'of h1'],
])('an include of %s that is run_once is gone through by the first host alone', async (_what, include, word) => {
  const lab = new Lab({ files });
  await lab.run(`
- hosts: [h1, h2]
  tasks:
    - ${include}
      run_once: true
    - sim: after
`);
  expect(lab.trace).toEqual([`h1 ${word}`, 'h1 after', 'h2 after']);
});

test('with strategy free the first host to come goes through it, the others wait', async () => {
  const lab = new Lab({ files });
  const slow = lab.hold('h1 migrate');
  const running = lab.run(`
- hosts: [h1, h2]
  strategy: free
  tasks:
    - include_tasks: migrate.yaml
      run_once: true
    - sim: after
`);
  await slow.entered;
  slow.release();
  await running;
  expect(lab.trace[0]).toBe('h1 migrate');
  expect(lab.trace.slice(1).toSorted()).toEqual(['h1 after', 'h2 after']);
});

test.each([
  ['by `apply`', '- include_tasks: {file: learn.yaml, apply: {run_once: true}}\n      run_once: true'],
  ['by a block around both', '- block: [{include_tasks: learn.yaml}]\n      run_once: true'],
])('what run_once tasks inside it set is there for all, %s', async (_how, include) => {
  const lab = new Lab({ files });
  await lab.run(`
- hosts: [h1, h2]
  tasks:
    ${include}
    - sim: "<%= learned %>"
`);
  expect(lab.trace).toEqual(['h1 h1', 'h2 h1']);
});

test('one that fails has failed for all hosts it stood for', async () => {
  const lab = new Lab({ files });
  const { result } = await lab.run(`
- hosts: [h1, h2]
  tasks:
    - name: include
      include_tasks: "<%= 'nowhere' %>.yaml"
      run_once: true
    - sim: after
`);
  expect(lab.trace).toEqual([]);
  expect(lab.messageOf('h2', 'include')).toBe('the run_once task failed on h1');
  expect(result).toBe('failed');
});
