import { expect, test } from 'vitest';
import { Lab } from './support/lab.js';

const files = {
  'pb/roles/a/tasks/main.yaml': '- sim: a\n',
  'pb/roles/b/meta/main.yaml': 'dependencies: [a]\n',
  'pb/roles/b/tasks/main.yaml': '- sim: b\n',
  'pb/roles/c/meta/main.yaml': 'dependencies: [a]\n',
  'pb/roles/c/tasks/main.yaml': '- sim: c\n',
};

test('R01: a role that two others need and the play names runs once, before both', async () => {
  const lab = new Lab({ files });
  await lab.run('- hosts: [h1]\n  roles: [b, c, a]\n');
  expect(lab.trace).toEqual(['h1 a', 'h1 b', 'h1 c']);
});

test('a role whose tasks were all skipped runs where it is used again, after that no more', async () => {
  const lab = new Lab({
    files: { ...files, 'pb/roles/allow/tasks/main.yaml': '- set_fact: {allowed: true}\n  when: host.name == "h1"\n' },
  });
  await lab.run(`
- hosts: [h1, h2]
  vars: {allowed: false}
  roles:
    - {role: a, when: allowed}
    - allow
    - {role: a, when: allowed}
    - {role: a, when: allowed}
`);
  expect(lab.trace).toEqual(['h1 a']);
});

test('a role that failed half-way and was rescued runs where it is used again', async () => {
  const lab = new Lab({ files: { ...files, 'pb/roles/a/tasks/main.yaml': '- sim: a\n- fail:\n  when: broken\n' } });
  await lab.run(`
- hosts: [h1]
  vars: {broken: true}
  tasks:
    - block: [{import_role: {name: b}}]
      rescue: [{set_fact: {broken: false}}]
    - import_role: {name: c}
    - import_role: {name: b}
`);
  expect(lab.trace).toEqual(['h1 a', 'h1 a', 'h1 c', 'h1 b']);
});

test('R03: an import and an include of a role that ran run it again, its dependencies not', async () => {
  const lab = new Lab({ files });
  await lab.run('- hosts: [h1]\n  roles: [b]\n  tasks:\n    - import_role: {name: b}\n    - include_role: {name: b}\n');
  expect(lab.trace).toEqual(['h1 a', 'h1 b', 'h1 b', 'h1 b']);
});

const specs = `
argument_specs:
  main:
    options:
      title: {type: str, required: true}
      count: {type: int}
`;

test('R09: arguments that do not fit stop a role before its first task, and are named', async () => {
  const lab = new Lab({
    files: { 'pb/roles/r/meta/main.yaml': specs, 'pb/roles/r/tasks/main.yaml': '- sim: first\n' },
    variables: { 'host h1': 'count: abc\n', 'host h2': 'title: x\ncount: 3\n' },
  });
  const { result } = await lab.run('- hosts: [h1, h2]\n  roles: [r]\n');
  expect(lab.trace).toEqual(['h2 first']);
  expect(result).toBe('failed');
  const message = lab.messageOf('h1', 'r') ?? '';
  expect(message).toContain('`title` must be given');
  expect(message).toContain('`count` must be a whole number');
});

test("a role sees its own defaults and vars, another role's tasks do not", async () => {
  const lab = new Lab({
    files: {
      'pb/roles/one/defaults/main.yaml': 'colour: red\n',
      'pb/roles/one/tasks/main.yaml': '- debug: "<%= colour %> <%= role.name %>"\n',
      'pb/roles/two/tasks/main.yaml': '- debug: "<%= typeof colour %>"\n',
    },
  });
  await lab.run('- hosts: [h1]\n  roles: [one, two]\n');
  expect(lab.shown).toEqual(['h1: red one', 'h1: undefined']);
});

test('handlers of a role run for its tasks, and meta end_role leaves only the role', async () => {
  const lab = new Lab({
    files: {
      'pb/roles/one/tasks/main.yaml':
        '- {sim: a, notify: restart}\n- {meta: end_role, when: "host.name === \'h1\'"}\n- sim: rest\n',
      'pb/roles/one/handlers/main.yaml': '- {name: restart, sim: restart}\n',
    },
  });
  await lab.run('- hosts: [h1, h2]\n  roles: [one]\n  tasks: [{sim: after}]\n');
  expect(lab.of('h1')).toEqual(['a', 'after', 'restart']);
  expect(lab.of('h2')).toEqual(['a', 'rest', 'after', 'restart']);
});

test("the play's own tasks see the variables of its roles; an include gives its own only when it is public", async () => {
  const lab = new Lab({
    files: {
      'pb/roles/one/defaults/main.yaml': 'colour: red\n',
      'pb/roles/one/tasks/main.yaml': '[]\n',
      'pb/roles/two/vars/main.yaml': 'shape: round\n',
      'pb/roles/two/tasks/main.yaml': '- debug: "<%= typeof colour %>"\n',
    },
  });
  const show = '- debug: "<%= typeof colour %> <%= typeof shape %>"';
  await lab.run(`
- hosts: [h1]
  roles: [one]
  tasks:
    ${show}
    - include_role: { name: two }
    ${show}
    - include_role: { name: two, public: true }
    ${show}
    - include_role: { name: two }
- hosts: [h1]
  tasks:
    ${show}
`);
  expect(lab.shown).toEqual([
    'h1: string undefined',
    'h1: undefined',
    'h1: string undefined',
    'h1: undefined',
    'h1: string string',
    'h1: undefined',
    'h1: undefined undefined',
  ]);
});

const manyFiles = {
  'pb/roles/r/tasks/main.yaml': '- sim: main\n',
  'pb/roles/r/tasks/other.yaml': '- {sim: "<%= d %> <%= v %>", notify: done}\n',
  'pb/roles/r/handlers/main.yaml': '- {name: done, sim: usual}\n',
  'pb/roles/r/handlers/special.yaml': '- {name: done, sim: special}\n',
  'pb/roles/r/defaults/main.yaml': 'd: d1\n',
  'pb/roles/r/defaults/special.yaml': 'd: d2\n',
  'pb/roles/r/vars/main.yaml': 'v: v1\n',
  'pb/roles/r/vars/special.yml': 'v: v2\n',
};
const special = 'tasks_from: other, handlers_from: special, defaults_from: special, vars_from: special.yml';

test.each([
  ['import_role', 'r'],
  ['include_role', 'r'],
  ['include_role', "<%= 'r' %>"],
])('%s of %s takes the files that *_from name in place of main', async (word, name) => {
  const lab = new Lab({ files: manyFiles });
  await lab.run(`- hosts: [h1]\n  tasks:\n    - ${word}: { name: "${name}", ${special} }\n`);
  expect(lab.trace).toEqual(['h1 d2 v2', 'h1 special']);
});

test.each(['tasks', 'handlers', 'defaults', 'vars'])(
  '%s_from of a file that is not there, or not in the role, is a mistake',
  async (kind) => {
    const lab = new Lab({ files: manyFiles });
    const use = (file: string): string =>
      `- hosts: [h1]\n  tasks:\n    - import_role: { name: r, ${kind}_from: ${file} }\n`;
    await expect(lab.run(use('gone'))).rejects.toThrow(`the role \`r\` has no ${kind} \`gone\``);
    await expect(lab.run(use('../../x'))).rejects.toThrow('leads out of the role');
  },
);
