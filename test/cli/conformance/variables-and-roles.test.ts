import { describe, expect, it, vi } from 'vitest';
import { labForFile, mark } from './lab.js';

vi.setConfig({ testTimeout: 180_000 });

const lab = labForFile();

describe('variables', () => {
  it('V01: thirteen variables, each at two neighbouring levels: the higher one wins', async () => {
    lab.write('group_vars/all.yaml', 'v1: group-all\nv2: group-all\n');
    lab.write('group_vars/web.yaml', 'v2: group\nv3: group\n');
    lab.write('host_vars/h1.yaml', 'v3: host\nv4: host\n');
    lab.write('vars-file.yaml', 'v5: vars-file\nv6: vars-file\n');
    lab.write('roles/r/defaults/main.yaml', 'v1: default\nv11: default\n');
    lab.write('roles/r/vars/main.yaml', 'v6: role-vars\nv7: role-vars\n');
    lab.write(
      'roles/r/tasks/main.yaml',
      `
- vars: { v7: block, v8: block }
  block:
    - name: low
      debug: { msg: "<%= [v1, v2, v3, v4, v5, v6, v7].join() %>" }
    - name: task
      vars: { v8: task, v9: task }
      debug: { msg: "<%= v8 %>" }
- { set_fact: { v9: fact, v12: fact } }
- name: high
  vars: { v9: task }
  debug: { msg: "<%= [v9, v11, v12].join() %>" }
`,
    );
    const run = await lab.apply(
      `
      - hosts: h1
        vars: { v4: play, v5: play }
        vars_files: [vars-file.yaml]
        roles: [{ role: r, v11: parameter }]
    `,
      '-e',
      'v12=flag',
    );
    expect(run.code, run.why).toBe(0);
    expect(run.task('low')['h1']?.message ?? run.task('r : low')['h1']?.message).toBe(
      'group-all,group,host,play,vars-file,role-vars,block',
    );
    expect(run.task('task')['h1']?.message).toBe('task');
    expect(run.task('high')['h1']?.message).toBe('fact,parameter,flag');
  });

  it('V03: a skipped task registers; task vars do not leak; facts and registers live on and beat play vars', async () => {
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { command: "true", when: false, register: s }
          - { name: skipped, debug: { msg: "<%= s.skipped %> <%= 'stdout' in s %>" } }
          - { command: "true", vars: { mine: 1 } }
          - { name: leaked, debug: { msg: "<%= typeof mine %>" } }
          - { set_fact: { word: fact } }
          - { command: echo said, register: r }
      - hosts: h1
        vars: { word: play, r: play }
        tasks: [{ name: later, debug: { msg: "<%= word %> <%= r.stdout %>" } }]
    `);
    expect(run.code, run.why).toBe(0);
    expect(run.task('skipped')['h1']?.message).toBe('true false');
    expect(run.task('leaked')['h1']?.message).toBe('undefined');
    expect(run.task('later')['h1']?.message).toBe('fact said');
  });

  it('V04: -e wins over everything, also over set_fact and role parameters; the last one wins', async () => {
    lab.write(
      'roles/r/tasks/main.yaml',
      '- { set_fact: { word: fact } }\n- { name: told, debug: { msg: "<%= word %>" } }\n',
    );
    const run = await lab.apply(
      '- { hosts: h1, roles: [{ role: r, word: parameter }] }\n',
      '-e',
      'word=one',
      '-e',
      'word=two',
    );
    expect(run.code, run.why).toBe(0);
    expect(run.task('told')['h1']?.message).toBe('two');
  });

  it('V05: -e name=value is text, JSON and @file keep types', async () => {
    lab.write('extra.yaml', 'f: 3\nlist: [1, 2]\n');
    const run = await lab.apply(
      `
      - hosts: h1
        tasks: [{ name: told, debug: { msg: "<%= typeof n %> <%= j + 1 %> <%= f + 1 %> <%= list.length %> <%= text %>" } }]
    `,
      '-e',
      'n=5 text="hello world"',
      '-e',
      '{"j": 5}',
      '-e',
      '@extra.yaml',
    );
    expect(run.code, run.why).toBe(0);
    expect(run.task('told')['h1']?.message).toBe('string 6 4 2 hello world');
  });

  it('V06: a lone expression keeps its type; variables are templates of others; maps and lists come whole', async () => {
    const run = await lab.apply(`
      - hosts: h1
        vars:
          base: { port: 80, tags: [a, b] }
          copied: "<%= base %>"
          port: "<%= base.port %>"
          text: "port <%= port %>"
        tasks:
          - { name: told, debug: { msg: "<%= port + 1 %> <%= text %> <%= copied.tags[1] %> <%= Array.isArray(copied.tags) %>" } }
          - { name: number, assert: { that: ["port === 80", "typeof text === 'string'"] } }
    `);
    expect(run.code, run.why).toBe(0);
    expect(run.task('told')['h1']?.message).toBe('81 port 80 b true');
  });

  it('V07: variables of a play do not reach the next play; facts of a host are read when asked for', async () => {
    const run = await lab.apply(`
      - { hosts: h1, vars: { mine: 1 }, tasks: [{ debug: { msg: "<%= mine %>" } }] }
      - hosts: h1
        tasks:
          - { name: gone, debug: { msg: "<%= typeof mine %>" } }
          - { name: facts, assert: { that: ["typeof facts === 'object'", "Object.keys(facts).length > 3"] } }
    `);
    expect(run.code, run.why).toBe(0);
    expect(run.task('gone')['h1']?.message).toBe('undefined');
  });

  it('V08: environment of play, block and task add up', async () => {
    const run = await lab.apply(`
      - hosts: h1
        environment: { A: play, B: play }
        tasks:
          - environment: { B: block }
            block: [{ shell: "echo <%= host.name %> $A-$B-$C >> <%= log %>", environment: { C: "it's <%= 'task' %>" } }]
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(["play-block-it's task"]);
  });
});

describe('roles', () => {
  const role = (name: string, dependencies: readonly string[] = []): void => {
    lab.write(`roles/${name}/tasks/main.yaml`, `- ${mark(name)}\n`);
    if (dependencies.length > 0)
      lab.write(`roles/${name}/meta/main.yaml`, `dependencies: [${dependencies.join(', ')}]\n`);
  };

  it('R01: b and c depend on a, then a itself: a, b, c', async () => {
    role('a');
    role('b', ['a']);
    role('c', ['a']);
    const run = await lab.apply('- { hosts: h1, roles: [b, c, a] }\n');
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['a', 'b', 'c']);
  });

  it('R02: other parameters make a role run again, the same ones do not; allow_duplicates always does', async () => {
    lab.write('roles/p/tasks/main.yaml', '- shell: "echo <%= host.name %> <%= word %> >> <%= log %>"\n');
    lab.write('roles/p/defaults/main.yaml', 'word: default\n');
    lab.write(
      'roles/d/meta/main.yaml',
      'dependencies: [{ role: p, word: one }, { role: p, vars: { word: two } }, { role: p, word: one }]\n',
    );
    lab.write('roles/d/tasks/main.yaml', '[]\n');
    lab.write('roles/twice/tasks/main.yaml', `- ${mark('twice')}\n`);
    lab.write('roles/twice/meta/main.yaml', 'allow_duplicates: true\n');
    const run = await lab.apply('- { hosts: h1, roles: [d, p, { role: p, word: two }, twice, twice] }\n');
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['one', 'two', 'default', 'twice', 'twice']);
  });

  it('R03: an import and an include run a role again; what it depends on stays once', async () => {
    role('a');
    role('b', ['a']);
    const run = await lab.apply(`
      - hosts: h1
        roles: [b]
        tasks: [{ import_role: { name: b } }, { include_role: { name: b } }]
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['a', 'b', 'b', 'b']);
  });

  it('R04: defaults and vars of a role: seen in it and, for roles of the play, after it; parameters only in it', async () => {
    lab.write('roles/r/defaults/main.yaml', 'd: default\n');
    lab.write('roles/r/vars/main.yaml', 'v: vars\n');
    lab.write(
      'roles/r/tasks/main.yaml',
      '- { name: inside, debug: { msg: "<%= d %> <%= v %> <%= p %> <%= role.name %>" } }\n',
    );
    const run = await lab.apply(`
      - hosts: h1
        tasks:
          - { include_role: { name: r }, vars: { p: param, d: given } }
          - { name: outside, debug: { msg: "<%= typeof p %>" } }
    `);
    expect(run.code, run.why).toBe(0);
    expect(run.task('inside')['h1']?.message).toBe('given vars param r');
    expect(run.task('outside')['h1']?.message).toBe('undefined');
  });

  it('R05: a role that is missing, and roles that need each other, are errors before any task', async () => {
    role('a', ['b']);
    role('b', ['a']);
    const missing = await lab.apply(`- { hosts: h1, roles: [gone], pre_tasks: [{ ${mark('x')} }] }\n`);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain('gone');
    const circle = await lab.apply(`- { hosts: h1, roles: [a], pre_tasks: [{ ${mark('x')} }] }\n`);
    expect(circle.code).toBe(2);
    expect(circle.stderr).toMatch(/a → b → a|a.*b.*a/);
    expect(lab.marks()).toEqual([]);
  });

  it('R06: files and templates of a role are found in it; include_role in a loop with tasks_from', async () => {
    lab.write('roles/r/files/plain', 'of the role\n');
    lab.write('roles/r/templates/t.ejs', '<%= word %> of the role\n');
    lab.write('roles/r/tasks/main.yaml', '[]\n');
    lab.write(
      'roles/r/tasks/put.yaml',
      '- { copy: { src: plain, dest: "<%= out %>/<%= item %>.plain" } }\n- { template: { src: t.ejs, dest: "<%= out %>/<%= item %>.templated" } }\n',
    );
    const run = await lab.apply(`
      - hosts: h1
        vars: { word: text }
        tasks: [{ include_role: { name: r, tasks_from: put }, loop: [x, y] }]
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.read('x.plain')).toBe('of the role\n');
    expect(lab.read('y.templated')).toBe('text of the role\n');
  });

  it('R07: tasks_from that leads out of the role is refused', async () => {
    role('a');
    lab.write('outside.yaml', `- ${mark('outside')}\n`);
    for (const from of ['../../../outside.yaml', '<%= "../../../outside" %>.yaml']) {
      const run = await lab.apply(`- { hosts: h1, tasks: [{ include_role: { name: a, tasks_from: '${from}' } }] }\n`);
      expect(run.code, run.why).not.toBe(0);
    }
    expect(lab.marks()).toEqual([]);
  });

  it('R08: a condition of a role is that of all its tasks; of its dependencies too', async () => {
    role('a');
    role('b', ['a']);
    const run = await lab.apply(`- { hosts: web, roles: [{ role: b, when: 'host.name === "h2"' }] }\n`);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks()).toEqual(['h2 a', 'h2 b']);
  });

  it('R09: arguments of a role are checked before its first task, each wrong one is named', async () => {
    role('a');
    lab.write(
      'roles/a/meta/main.yaml',
      'argument_specs: { main: { options: { word: { type: str, required: true }, count: { type: int } } } }\n',
    );
    const early = await lab.apply('- { hosts: h1, roles: [{ role: a, count: abc }] }\n');
    expect(early.code, early.why).toBe(2);
    expect(early.stderr).toContain('count');
    const late = await lab.apply(`
      - hosts: h1
        tasks:
          - { command: echo abc, register: r }
          - { include_role: { name: a }, vars: { count: "<%= r.stdout %>", word: "<%= r.stdout %>" } }
    `);
    expect(late.code, late.why).toBe(1);
    expect(late.why).toContain('count');
    const missing = await lab.apply('- { hosts: h1, tasks: [{ include_role: { name: a } }] }\n');
    expect(missing.code, missing.why).not.toBe(0);
    expect(missing.why).toContain('word');
    expect(lab.marks()).toEqual([]);
  });
});

describe('includes and imports', () => {
  it('N01: the condition of an import is judged for each task in it, of an include once', async () => {
    lab.write('flips.yaml', `- ${mark('first')}\n- { set_fact: { go: false } }\n- ${mark('second')}\n`);
    const play = (word: string): string => `
      - hosts: h1
        tasks: [{ set_fact: { go: true } }, { ${word}: flips.yaml, when: go }]
    `;
    expect((await lab.apply(play('import_tasks'))).code).toBe(0);
    expect(lab.marks('h1')).toEqual(['first']);
    expect((await lab.apply(play('include_tasks'))).code).toBe(0);
    expect(lab.marks('h1')).toEqual(['first', 'first', 'second']);
  });

  it('N02: variables of an include reach its tasks; files are found beside the file that includes', async () => {
    lab.write('sub/one.yaml', `- include_tasks: two.yaml\n  vars: { inner: "<%= outer %>-in" }\n`);
    lab.write('sub/two.yaml', '- shell: "echo <%= host.name %> <%= inner %> >> <%= log %>"\n');
    const run = await lab.apply(`
      - hosts: h1
        tasks: [{ include_tasks: sub/one.yaml, vars: { outer: out } }, { import_tasks: sub/two.yaml, vars: { inner: static } }]
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['out-in', 'static']);
  });

  it('N03: each host includes its own file; all wait for each other before the next task', async () => {
    lab.write('of-h1.yaml', `- ${mark('one')}\n- ${mark('two')}\n`);
    lab.write('of-h2.yaml', `- ${mark('other')}\n`);
    const run = await lab.apply(`
      - hosts: web
        tasks: [{ include_tasks: "of-<%= host.name %>.yaml" }, { ${mark('after')} }]
    `);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['one', 'two', 'after']);
    expect(lab.marks('h2')).toEqual(['other', 'after']);
    expect(
      lab
        .marks()
        .slice(-2)
        .every((line) => line.endsWith('after')),
    ).toBe(true);
  });

  it('N04: a file that is not there: known before the run when its name is plain, a failure when it is a template', async () => {
    expect((await lab.apply(`- { hosts: h1, tasks: [{ ${mark('a')} }, { include_tasks: gone.yaml }] }\n`)).code).toBe(
      2,
    );
    expect(lab.marks()).toEqual([]);
    const late = await lab.apply(
      `- { hosts: h1, tasks: [{ include_tasks: "<%= 'gone' %>.yaml" }, { ${mark('never')} }] }\n`,
    );
    expect(late.code, late.why).not.toBe(0);
    expect(late.why).toContain('gone.yaml');
    expect(lab.marks()).toEqual([]);
  });

  it('N05: import_playbook takes the plays of another file in place', async () => {
    lab.write('other.yaml', `- { hosts: h1, tasks: [{ ${mark('other')} }] }\n`);
    const run = await lab.apply(`- import_playbook: other.yaml\n- { hosts: h1, tasks: [{ ${mark('own')} }] }\n`);
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['other', 'own']);
  });

  it('N06: several playbooks run one after another', async () => {
    lab.write('one.yaml', `- { hosts: h1, tasks: [{ ${mark('one')} }] }\n`);
    const run = await lab.apply(`- { hosts: h1, tasks: [{ ${mark('two')} }] }\n`, 'one.yaml');
    expect(run.code, run.why).toBe(0);
    expect(lab.marks('h1')).toEqual(['two', 'one']);
  });
});
