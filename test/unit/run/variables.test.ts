import { expect, test } from 'vitest';
import { Lab } from './support/lab.js';

test('V01: the order of precedence is that of language.md', async () => {
  const lab = new Lab({
    extraVars: { v_extra: 'extra', v_params: 'unused' },
    variables: {
      'group all': 'v_all: all\nv_group: all\n',
      'group web': 'v_group: group\nv_host: group\n',
      'host h1': 'v_host: host\nv_play: host\n',
    },
    files: {
      'pb/vars.yaml': 'v_file: file\nv_rolevars: file\n',
      'pb/roles/r/defaults/main.yaml': 'v_default: default\nv_all: default\n',
      'pb/roles/r/vars/main.yaml': 'v_rolevars: rolevars\nv_param: rolevars\n',
      'pb/roles/r/tasks/main.yaml': `
- set_fact: {v_fact: fact}
- vars: {v_block: block, v_task: block}
  block:
    - debug: "<%= [v_default, v_all, v_group, v_host, v_play, v_file, v_rolevars, v_param, v_block, v_task, v_fact, v_extra].join(' ') %>"
      vars: {v_task: task, v_fact: task, v_extra: task}
`,
    },
  });
  await lab.run(`
- hosts: [h1]
  vars: {v_play: play, v_file: play}
  vars_files: [vars.yaml]
  roles: [{role: r, v_param: param, v_block: param}]
`);
  expect(lab.shown).toEqual(['h1: default all group host play file rolevars param block task fact extra']);
});

test("V03: a skipped task registers too, task vars do not leak, registers live on and beat the next play's vars", async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1]
  tasks:
    - {sim: a, when: false, register: r}
    - {debug: "<%= r.skipped %> <%= typeof r.stdout %>"}
    - {sim: b, vars: {own: 1}, register: kept}
    - {debug: "<%= typeof own %>"}
- hosts: [h1]
  vars: {kept: play}
  tasks:
    - debug: "<%= kept.out %>"
`);
  expect(lab.shown).toEqual(['h1: true undefined', 'h1: undefined', 'h1: b']);
});

test('V05: extra variables keep the type they were given', async () => {
  const lab = new Lab({ extraVars: { text: '1', number: 1 } });
  await lab.run('- hosts: [h1]\n  tasks:\n    - debug: "<%= text + 1 %> <%= number + 1 %>"\n');
  expect(lab.shown).toEqual(['h1: 11 2']);
});

test('host, groups, hosts, play, role and run are always there, of any host', async () => {
  const lab = new Lab({ variables: { 'host h3': 'id: 3\nnamed: "<%= host.name %>-<%= id %>"\n' } });
  await lab.run(`
- name: main
  hosts: [h1, h2]
  tasks:
    - debug: "<%= host.name %> <%= host.groups.join() %> <%= groups.db.join() %> <%= hosts.h3.vars.named %> <%= play.name %> <%= play.batch.length %> <%= run.preview %>"
      run_once: true
`);
  expect(lab.shown).toEqual(['h1: h1 web h3,h4 h3-3 main 2 false']);
});

test('facts are read when something first asks for them, once per host and run, of another host too', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1, h2]
  tasks:
    - debug: plain
    - debug: "<%= facts.hostname %> <%= hosts.h3.facts.hostname %>"
    - debug: "<%= facts.hostname %>"
`);
  expect(lab.asked.map(({ host }) => host).sort()).toEqual(['h1', 'h2', 'h3']);
  expect(lab.shown).toContain('h2: h2-real h3-real');
});

test('facts: false makes reading facts an error', async () => {
  const lab = new Lab();
  await lab.run('- hosts: [h1]\n  facts: false\n  tasks:\n    - {name: a, debug: "<%= facts.hostname %>"}\n');
  expect(lab.outcomesOf('a')).toEqual({ h1: 'failed' });
  expect(lab.asked).toEqual([]);
});

test('the facts of an unreachable host fail the task that reads them, not its host', async () => {
  const lab = new Lab({ down: ['h3'] });
  const { result } = await lab.run(
    '- hosts: [h1]\n  tasks:\n    - {name: a, debug: "<%= hosts.h3.facts.hostname %>"}\n',
  );
  expect(lab.messageOf('h1', 'a')).toBe('the facts of h3 cannot be read: h3 refused the connection');
  expect(result).toBe('failed');
});

test('S2: nothing that a host says decides who a task becomes', async () => {
  const lab = new Lab({ variables: { 'host h1': 'become: true\nbecome_user: deploy\n' } });
  await lab.run(`
- hosts: [h1]
  tasks:
    - set_fact: {become_user: evil, become: false, become_password: x, ansible_become_user: evil}
    - sim: {do: a, out: {become_user: evil}}
      register: become_user
    - sim: b
`);
  expect(lab.asked.map(({ request }) => request.become?.user)).toEqual(['deploy', 'deploy']);
});

test("become: keywords win over the inventory's word, which wins over the flags'", async () => {
  const lab = new Lab({
    variables: { 'host h1': 'become_user: deploy\n' },
    options: { become: { become: true, user: 'flag', method: 'su', password: 'secret-of-flag' } },
  });
  await lab.run(`
- hosts: [h1, h2]
  tasks:
    - {sim: a, become_user: task}
    - sim: b
    - {sim: c, become: false}
`);
  expect(
    lab.asked.map(({ host, request }) => `${host} ${request.become?.method ?? '-'} ${request.become?.user ?? '-'}`),
  ).toEqual(['h1 su task', 'h2 su task', 'h1 su deploy', 'h2 su flag', 'h1 - -', 'h2 - -']);
});

test('environment maps merge, the inner one wins, and reach the runner’s scripts as well', async () => {
  const lab = new Lab();
  await lab.run(`
- hosts: [h1]
  environment: {A: outer, B: "it's"}
  tasks:
    - {sim: {do: a, run: env}, environment: {A: inner}}
`);
  expect(lab.asked[0]?.text).toBe("export A=inner\nexport B='it'\\''s'\nlook a");
  expect(lab.asked[1]?.request).toMatchObject({ environment: { A: 'inner', B: "it's" } });
});

test('S1: what a host says is data: template text in results, facts and items is never rendered', async () => {
  const payload = "<%= 'rendered' %>";
  const lab = new Lab({
    answer: ({ kind, text }) =>
      kind === 'exec'
        ? { stdout: payload }
        : text.includes('os-release')
          ? { stdout: `hostname\t${payload}\n` }
          : undefined,
  });
  await lab.run(`
- hosts: [h1]
  tasks:
    - {sim: {do: a, run: x}, register: r}
    - {name: "say <%= r.stdout %>", debug: "<%= r.stdout %> <%= facts.hostname %>"}
    - {debug: "<%= item %>", loop: ["<%= r.stdout %>"]}
    - {set_fact: {copy: "<%= r.stdout %>"}}
    - {debug: "<%= copy %>", when: copy.includes('rendered')}
`);
  expect(lab.shown[0]).toBe(`h1: ${payload} ${payload}`);
  expect(lab.shown.at(-1)).toBe(`h1: ${payload}`);
  expect(lab.outcomes.some((outcome) => outcome.includes(`say ${payload}`))).toBe(true);
});
