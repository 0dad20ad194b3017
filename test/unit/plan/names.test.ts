import { describe, expect, it } from 'vitest';
import { checkNames } from '../../../src/plan/names/check-names.js';
import { type Files, modules } from '../playbook/load.js';
import { inventoryText, mistakesOf, type Said, webPlay } from './mistakes.js';

function undefinedNames(playbook: string | Files, said: Said = {}): readonly string[] {
  return mistakesOf((request) => checkNames({ ...request, modules }), playbook, said);
}

/** A play on `web` with one task of these lines. */
function task(...lines: readonly string[]): string {
  return webPlay(`  tasks:\n    - ${lines.join('\n      ')}\n`);
}

const missing = (name: string): string =>
  `undefined-name: \`${name}\` is not defined | define it in the inventory or in \`vars\`, or write \`${name} ?? …\` if it may be missing`;

describe('a name nothing defines', () => {
  it.each([
    ['a parameter', task('debug: {msg: "is <%= nowhere %>"}'), '4:28'],
    ['a value that is one expression', task('debug: {msg: "<%= nowhere %>"}'), '4:25'],
    ['a condition', task('debug: {msg: x}', 'when: web_port === 80 && nowhere'), '5:32'],
    ['a parameter that is a bare expression', task('assert: {that: [web_port === 80, nowhere]}'), '4:40'],
    ['a name', task('name: do <%= nowhere %>', 'debug: {msg: x}'), '4:20'],
    ['a loop', task('debug: {msg: "<%= item %>"}', 'loop: "<%= nowhere %>"'), '5:18'],
    ['a keyword', task('debug: {msg: x}', 'become_user: "<%= nowhere %>"'), '5:25'],
    ['an environment', task('command: x', 'environment: {A: "<%= nowhere %>"}'), '5:29'],
    ['until', task('command: x', 'register: out', 'until: out.rc === nowhere'), '6:25'],
    ['changed_when', task('command: x', 'changed_when: nowhere'), '5:21'],
    ['the file of an include', task('include_tasks: "<%= nowhere %>.yaml"'), '4:27'],
    ['the name of a role', task('include_role: {name: "<%= nowhere %>"}'), '4:33'],
    ['a variable of a task', task('debug: {msg: "<%= a %>"}', 'vars: {a: "<%= nowhere %>"}'), '5:22'],
    ['a variable of the play', webPlay('  vars: {a: "<%= nowhere %>"}\n  tasks: []\n'), '3:18'],
    ['the condition of the play', webPlay('  when: nowhere\n  tasks: []\n'), '3:9'],
  ])('is reported with its place in %s', (_where, playbook, place) => {
    expect(undefinedNames(playbook)).toEqual([`${place} ${missing('nowhere')}`]);
  });

  it('is reported once for a setting that many tasks inherit', () => {
    const playbook = webPlay('  become_user: "<%= nowhere %>"\n  tasks:\n    - command: a\n    - command: b\n');
    expect(undefinedNames(playbook)).toEqual([`3:21 ${missing('nowhere')}`]);
  });

  it.each([
    ['web_prot', 'did you mean `web_port`?'],
    ['db_port', 'it is a variable of group `db`, and no host of this play is in it'],
    ['inventory_hostname', 'write `host.name`'],
    ['hostvars', 'write `hosts.<name>.vars`'],
    ['True', 'write `true`'],
    ['ansible_os_family', 'write `facts.os.family`'],
    ['to_json', 'write `JSON.stringify(value)`'],
    ['playbook_dir', 'a relative path is searched beside the playbook and in the role: leave the folder out'],
  ])('%s comes with a hint', (name, hint) => {
    expect(undefinedNames(task(`debug: {msg: "<%= ${name} %>"}`))).toEqual([
      `4:25 undefined-name: \`${name}\` is not defined | ${hint}`,
    ]);
  });

  it('is none when the variables of an include read what its extended loop gives', () => {
    const playbook = task(
      'include_tasks: "<%= web_port %>.yaml"\n      loop: [a]\n      loop_control: {extended: true}\n      vars: {place: "<%= ansible_loop.index %>"}',
    );
    expect(undefinedNames(playbook)).toEqual([]);
  });

  it('is said to be a host’s own when another host of the inventory has it', () => {
    const playbook = '- hosts: db\n  tasks:\n    - debug: {msg: "<%= only_w2 %>"}\n';
    expect(undefinedNames(playbook)).toEqual([
      '3:25 undefined-name: `only_w2` is not defined | it is a variable of host `w2`, which is not in this play',
    ]);
  });
});

describe('a name that can exist', () => {
  it.each([
    ['of the inventory', task('debug: {msg: "<%= web_port %> <%= domain %>"}')],
    ['of one host of the play', task('debug: {msg: "<%= only_w2 %>"}')],
    ['of the play', webPlay('  vars: {a: 1}\n  tasks:\n    - debug: {msg: "<%= a %>"}\n')],
    [
      'that is always there',
      task('debug: {msg: "<%= [host.name, groups.web, hosts.d1.vars, facts.os, play.name, run.id] %>"}'),
    ],
    ['of the task itself', task('debug: {msg: "<%= a %>"}', 'vars: {a: 1}')],
    ['of a loop', task('debug: {msg: "<%= each %><%= n %>"}', 'loop: [1]', 'loop_var: each', 'index_var: n')],
    ['that the task registers', task('command: x', 'register: out', 'until: out.rc === 0')],
    ['guarded by ??', task('debug: {msg: "<%= nowhere ?? 1 %>"}')],
    ['guarded by ?.', task('debug: {msg: "<%= nowhere?.x ?? 1 %>"}')],
    [
      'the condition asks about with typeof',
      task('debug: {msg: "<%= nowhere %>"}', "when: typeof nowhere !== 'undefined'"),
    ],
    ['of JavaScript', task('debug: {msg: "<%= Math.max(...[1].map((x) => x + 1)) %>"}')],
  ])('%s is no mistake', (_what, playbook) => {
    expect(undefinedNames(playbook)).toEqual([]);
  });

  it('may be given with -e', () => {
    const playbook = task('debug: {msg: "<%= version %>"}');
    expect(undefinedNames(playbook, { extraVars: { version: '1' } })).toEqual([]);
    expect(undefinedNames(playbook)).toHaveLength(1);
  });

  it('may be registered or set in another play', () => {
    const playbook = `- hosts: db
  tasks:
    - {command: x, register: out}
    - set_fact: {chosen: 1}
- hosts: web
  tasks:
    - debug: {msg: "<%= out.stdout %> <%= chosen %>"}
`;
    expect(undefinedNames(playbook)).toEqual([]);
  });

  it('may belong to a host that --limit leaves out', () => {
    const playbook = task('debug: {msg: "<%= only_w2 %>"}');
    expect(undefinedNames(playbook, { selection: { limit: ['w1'] } })).toEqual([]);
  });

  it('is of the failed task inside rescue, always and on_failure only', () => {
    const playbook = webPlay(`  tasks:
    - block:
        - debug: {msg: "<%= failed_task.name %>"}
      rescue:
        - debug: {msg: "<%= failed_task.name %>"}
      always:
        - debug: {msg: "<%= failed_result.rc %>"}
  on_failure:
    - debug: {msg: "<%= failed_task.name %>"}
`);
    expect(undefinedNames(playbook)).toEqual([
      '5:29 undefined-name: `failed_task` is not defined | it is there in `rescue`, `always` and `on_failure` only',
    ]);
  });
});

describe('variables from files', () => {
  const playbook = (file: string): string =>
    webPlay(`  vars_files: ["${file}"]\n  tasks:\n    - debug: {msg: "<%= a %> <%= nowhere %>"}\n`);

  it('count when the file is known before the run', () => {
    expect(undefinedNames({ 'f.yaml': playbook('vars.yaml'), 'vars.yaml': 'a: 1\n' })).toEqual([
      `5:34 ${missing('nowhere')}`,
    ]);
  });

  it('leave a play unjudged when only the run can name the file', () => {
    expect(undefinedNames(playbook('<%= domain %>.yaml'))).toEqual([]);
  });
});

describe('names of a role', () => {
  const role = (tasks: string): Files => ({
    'f.yaml': webPlay('  roles: [r, other]\n  tasks:\n    - debug: {msg: "<%= r_port %>"}\n'),
    'roles/other/tasks/main.yaml': '- debug: {msg: "<%= r_port %>"}\n',
    'roles/r/defaults/main.yaml': 'r_port: 1\n',
    'roles/r/tasks/main.yaml': tasks,
  });

  it("are seen in the role and by the play's own tasks, not in other roles", () => {
    expect(undefinedNames(role('- debug: {msg: "<%= r_port %> <%= role.name %>"}\n'))).toEqual([
      "roles/other/tasks/main.yaml:1:21 undefined-name: `r_port` is not defined | it is a variable of the role `r`, seen in that role and by the play's own tasks",
    ]);
  });

  it('are seen in the roles it includes and depends on', () => {
    const files: Files = {
      'f.yaml': webPlay('  roles: [outer]\n'),
      'roles/outer/defaults/main.yaml': 'outer_port: 1\n',
      'roles/outer/meta/main.yaml': 'dependencies: [{role: before, before_port: "<%= outer_port %>"}]\n',
      'roles/outer/tasks/main.yaml': '- include_role: {name: inner}\n  vars: {inner_port: "<%= outer_port %>"}\n',
      'roles/before/tasks/main.yaml': '- debug: {msg: "<%= before_port %>"}\n',
      'roles/inner/tasks/main.yaml': '- debug: {msg: "<%= inner_port %> <%= outer_port %>"}\n',
    };
    expect(undefinedNames(files)).toEqual([]);
  });

  it('are reported once when the role is used twice', () => {
    const files = {
      ...role('- debug: {msg: "<%= nowhere %>"}\n'),
      'f.yaml': webPlay('  roles: [{role: r, r_port: 2}, {role: r, r_port: 3}]\n'),
    };
    expect(undefinedNames(files)).toEqual([`roles/r/tasks/main.yaml:1:21 ${missing('nowhere')}`]);
  });

  it('are judged in the values of its defaults', () => {
    const files = {
      'f.yaml': webPlay('  roles: [r]\n'),
      'roles/r/defaults/main.yaml': 'a: "<%= nowhere %>"\n',
      'roles/r/tasks/main.yaml': '[]\n',
    };
    expect(undefinedNames(files)).toEqual([`roles/r/defaults/main.yaml:1:9 ${missing('nowhere')}`]);
  });
});

describe('an include', () => {
  it('gives its loop and its variables to the tasks inside', () => {
    const files = {
      'f.yaml': task('include_tasks: more.yaml', 'loop: [1]', 'loop_var: round', 'vars: {a: 1}'),
      'more.yaml': '- debug: {msg: "<%= round %> <%= a %> <%= nowhere %>"}\n',
    };
    expect(undefinedNames(files)).toEqual([`more.yaml:1:43 ${missing('nowhere')}`]);
  });
});

describe('a template file', () => {
  const rendering = (text: string): Files => ({
    'f.yaml': task('template: {src: a.conf.ejs, dest: /etc/a.conf}'),
    'templates/a.conf.ejs': text,
  });

  it('is judged with the names the task sees', () => {
    const text = 'port <%= web_port %>\n<% for (const name of nowhere) { %><%= name %><% } %>\n<%= maybe ?? 1 %>\n';
    expect(undefinedNames(rendering(text))).toEqual([`templates/a.conf.ejs:2:23 ${missing('nowhere')}`]);
  });

  it('is reported when it cannot be parsed', () => {
    expect(undefinedNames(rendering('port <%= web_port + %>\n'))).toEqual([
      expect.stringMatching(/^templates\/a\.conf\.ejs:1:\d+ [a-z-]+: not valid JavaScript in a template/),
    ]);
  });

  it('is reported with every place looked at when it is missing', () => {
    expect(undefinedNames(task('template: {src: b.ejs, dest: /b}'))).toEqual([
      '4:23 missing-file: there is no such template | looked for templates/b.ejs, b.ejs',
    ]);
  });

  it('with Jinja in it is a mistake when it is called .j2, and told where it names a variable otherwise', () => {
    const files = (name: string, text: string): Files => ({
      'f.yaml': task(`template: {src: ${name}, dest: /b}`),
      [`templates/${name}`]: text,
    });
    expect(undefinedNames(files('a.j2', 'a\n b {{ other | upper }}\n'))).toEqual([
      "templates/a.j2:2:4 jinja: `{{ other | upper }}` is a Jinja template: it would be written as it stands | write `<%= other %>`; to keep the braces, write `<%= '{{ other | upper }}' %>`, or call the file by a name without .j2",
    ]);
    expect(undefinedNames(files('a.j2', '<%= domain %>\n'))).toEqual([]);
    expect(undefinedNames(files('a.tmpl', '{{ other }} {{ .Name }} {{ key "x" }}\n'))).toEqual([]);
    expect(undefinedNames(files('a.tmpl', '{{ other }}\n{{ domain }}\n'))).toEqual([
      expect.stringMatching(/^templates\/a\.tmpl:2:1 jinja: /),
    ]);
    expect(undefinedNames(files('a.tmpl', '{% for x in y %}\n'))).toEqual([
      expect.stringMatching(/^templates\/a\.tmpl:1:1 jinja: /),
    ]);
  });

  it('is left to the run when its name is a template', () => {
    expect(undefinedNames(task('template: {src: "<%= domain %>.ejs", dest: /b}'))).toEqual([]);
  });
});

describe('a value of the inventory', () => {
  const inventory = `${inventoryText}      # more\n`.replace(
    '{web_port: 80}',
    '{web_port: 80, url: "<%= scheme %>", unread: "<%= other %>"}',
  );

  it('is judged when the playbook reads it, directly or through another', () => {
    const files = {
      'inv.yaml': inventory,
      'f.yaml': task('debug: {msg: "<%= through %>"}', 'vars: {through: "<%= url %>"}'),
    };
    expect(undefinedNames(files)).toEqual([`inv.yaml:6:38 ${missing('scheme')}`]);
  });

  it('is left alone when nothing reads it', () => {
    expect(undefinedNames({ 'inv.yaml': inventory, 'f.yaml': task('debug: {msg: x}') })).toEqual([]);
  });
});

describe('names that only the run brings', () => {
  const dynamic = {
    'f.yaml': webPlay(`  vars: {kind: small}
  tasks:
    - include_tasks: tasks/<%= kind %>.yaml
    - debug: {msg: "<%= registered %> <%= fact %> <%= deep %> <%= from_role %>"}
    - include_role: {name: "<%= kind %>"}
`),
    'tasks/small.yaml':
      '- {command: x, register: registered}\n- block: [{set_fact: {fact: 1}}]\n- include_tasks: "<%= kind %>-more.yaml"\n',
    'tasks/small-more.yaml': '- {command: x, register: deep}\n',
    'roles/small/tasks/main.yaml': '- {command: x, register: from_role}\n',
  };

  it('are those of every file and role that an include with a template can mean', () => {
    expect(undefinedNames(dynamic)).toEqual([]);
    const { 'tasks/small-more.yaml': _, ...without } = dynamic;
    expect(undefinedNames(without)).toEqual([`6:55 ${missing('deep')}`]);
  });

  it('are any when the include can mean a file anywhere', () => {
    const anywhere = '<%= kind %>/x.yaml';
    expect(
      undefinedNames({ ...dynamic, 'f.yaml': dynamic['f.yaml'].replace('tasks/<%= kind %>.yaml', anywhere) }),
    ).toEqual([]);
  });
});

describe('a name that may be missing', () => {
  it.each([
    ['a text that asks typeof first', 'debug: {msg: "<%= typeof x === \'undefined\' ? 1 : x %>"}'],
    ['a condition that asks typeof first', "command: x\n      changed_when: typeof x !== 'undefined' && x"],
    ['a task that never runs', 'debug: {msg: "<%= x %>"}\n      when: false'],
  ])('is fine in %s', (_where, lines) => {
    expect(undefinedNames(task(lines))).toEqual([]);
  });

  it('is fine for an optional argument of a role under a condition, and only there', () => {
    const files = {
      'f.yaml': webPlay('  roles: [r]\n'),
      'roles/r/meta/main.yaml': 'argument_specs: {extra: str}\n',
      'roles/r/tasks/main.yaml': '- debug: {msg: "<%= extra %>"}\n  when: web_port === 80\n',
    };
    expect(undefinedNames(files)).toEqual([]);
    expect(undefinedNames({ ...files, 'roles/r/tasks/main.yaml': '- debug: {msg: "<%= extra %>"}\n' })).toEqual([
      `roles/r/tasks/main.yaml:1:21 ${missing('extra')}`,
    ]);
  });
});

describe('templates that a template includes', () => {
  const files = {
    'f.yaml': task('template: {src: a.ejs, dest: /x}'),
    'templates/a.ejs': "<%- include('b.ejs') %>\n<%- include('c.ejs', { given: 1 }) %>\n",
    'templates/b.ejs': 'one\n<%= nowhere %>\n<%- include("a.ejs") %>\n',
    'templates/c.ejs': '<%= given %>\n',
  };

  it('are judged too, but for those that are handed names of their own', () => {
    expect(undefinedNames(files)).toEqual([`templates/b.ejs:2:5 ${missing('nowhere')}`]);
  });

  it('are parsed all', () => {
    const [problem, ...others] = undefinedNames({ ...files, 'templates/b.ejs': '', 'templates/c.ejs': '<% if ( %>\n' });
    expect(others).toEqual([]);
    expect(problem).toMatch(/^templates\/c.ejs:1:\d+ template-syntax/);
  });
});

describe('names given with -e', () => {
  const warnings = (extraVars: Readonly<Record<string, unknown>>): readonly string[] =>
    undefinedNames(task('debug: {msg: "<%= web_port %> <%= special ?? 1 %>"}'), { extraVars } as Said);

  it('that nothing reads and that are nearly those of something are warned of', () => {
    expect(warnings({ web_prot: '81' })).toEqual([
      expect.stringContaining(
        'extra-name: nothing reads the variable `web_prot` that -e gives | did you mean `web_port`?',
      ),
    ]);
  });

  it('that are read, that settle a connection, or that are unlike all others are not', () => {
    expect(warnings({ web_port: '81', ansible_user: 'x', special: '1', entirely_different: '1' })).toEqual([]);
  });
});
