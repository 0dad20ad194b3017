import { expect, test } from 'vitest';
import { Lab } from './support/lab.js';

const files = {
  'pb/h1.yaml': '- sim: of h1\n',
  'pb/roles/r/tasks/main.yaml': '- sim: role\n',
  'pb/outer.yaml': '- include_tasks: nowhere.yaml\n',
};

test('a host that includes a file that is not there has failed; the others go on with theirs', async () => {
  const lab = new Lab({ files });
  const { result } = await lab.run(`
- hosts: [h1, h2]
  tasks:
    - name: per host
      include_tasks: "<%= host.name %>.yaml"
    - sim: after
`);
  expect(lab.trace).toEqual(['h1 of h1', 'h1 after']);
  expect(lab.messageOf('h2', 'per host')).toBe('there is no file `h2.yaml`');
  expect(result).toBe('failed');
});

test('under any_errors_fatal a file that is not there stops every host', async () => {
  const lab = new Lab({ files });
  const { result } = await lab.run(`
- hosts: [h1, h2]
  any_errors_fatal: true
  tasks:
    - include_tasks: "<%= host.name %>.yaml"
    - sim: after
`);
  expect(lab.trace).toEqual([]);
  expect(result).toBe('failed');
});

test.each([
  ['a file', 'include_tasks: "<%= host.name %>2.yaml"', 'there is no file `h12.yaml`'],
  ['a role', `include_role: {name: "<%= 'x' %>"}`, 'there is no role `x`'],
  ['a file of a role', `include_role: {name: r, tasks_from: "<%= 'x' %>"}`, 'the role `r` has no tasks `x`'],
])('a rescue takes %s that is not there', async (_what, include, message) => {
  const lab = new Lab({ files });
  const { result } = await lab.run(`
- hosts: [h1]
  tasks:
    - block:
        - name: include
          ${include}
      rescue:
        - sim: "rescued: <%= failed_result.msg %>"
`);
  expect(lab.trace).toEqual([`h1 rescued: ${message}`]);
  expect(result).toBe('done');
});

test('a mistake inside a file that is there ends the run, also when it is another file that is missing', async () => {
  const lab = new Lab({ files });
  const { invalid } = await lab.run(`
- hosts: [h1]
  tasks:
    - block:
        - include_tasks: "<%= 'outer' %>.yaml"
      rescue:
        - sim: rescued
`);
  expect(invalid?.map(({ message }) => message)).toEqual(['there is no file `nowhere.yaml`']);
  expect(lab.trace).toEqual([]);
});
