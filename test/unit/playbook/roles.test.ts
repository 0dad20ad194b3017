import { describe, expect, it } from 'vitest';
import { plainData } from '../../../src/syntax/located.js';
import { type Files, load, namesOf, playOf, stepNamed, whenOf } from './load.js';

const task = (name: string): string => `- {name: ${name}, command: x}\n`;

/** A playbook that uses roles, and files of roles by their path below `roles/`. */
function withRoles(uses: string, roles: Files): Files {
  const files = Object.entries(roles).map(([path, text]) => [`roles/${path}`, text]);
  return { 'f.yaml': `- hosts: all\n  roles: ${uses}\n`, ...Object.fromEntries(files) };
}

describe('roles', () => {
  it('bring the roles they depend on first, once for the same parameters: R01', () => {
    const play = playOf(
      withRoles('[b, c, a]', {
        'a/tasks/main.yaml': task('a'),
        'b/tasks/main.yaml': task('b'),
        'b/meta/main.yaml': 'dependencies: [a]\n',
        'c/tasks/main.yaml': task('c'),
        'c/meta/main.yaml': 'dependencies: [{role: a}]\n',
      }),
    );
    expect(namesOf(play.roles)).toEqual(['a', 'b', 'a', 'c', 'a']);
    const uses = play.roles.filter((step) => step.context.role.name === 'a');
    expect(new Set(uses.map((step) => step.context.key)).size).toBe(1);
    expect(play.roles.every((step) => step.oncePerHost)).toBe(true);
  });

  it('count as another role with other parameters', () => {
    const play = playOf(
      withRoles('[{role: a, n: 1}, {role: a, n: 2}, {role: a, vars: {n: 1}}]', { 'a/tasks/main.yaml': task('a') }),
    );
    const [first, second, third] = play.roles.map((step) => step.context.key);
    expect(first).not.toBe(second);
    expect(third).toBe(first);
  });

  it('run each time they are imported or included, or when they allow duplicates: R03', () => {
    const play = playOf({
      ...withRoles('[free]', {
        'a/tasks/main.yaml': task('a'),
        'free/tasks/main.yaml': task('free'),
        'free/meta/main.yaml': 'allow_duplicates: true\ndependencies: [a]\n',
      }),
      'f.yaml': `
- hosts: all
  roles: [free]
  tasks:
    - import_role: {name: a}
    - include_role: {name: a}
`,
    });
    expect(play.roles.map((step) => [step.context.role.name, step.oncePerHost])).toEqual([
      ['a', true],
      ['free', false],
    ]);
    expect(play.tasks[0]).toMatchObject({ kind: 'role', oncePerHost: false });
    expect(play.tasks[1]).toMatchObject({ kind: 'include-role', included: { context: { role: { name: 'a' } } } });
  });

  it('are refused when they need each other: R05', () => {
    const { problems } = load(
      withRoles('[a]', {
        'a/meta/main.yaml': 'dependencies: [b]\n',
        'b/meta/main.yaml': 'dependencies: [c]\n',
        'c/meta/main.yaml': 'dependencies: [a]\n',
      }),
    );
    expect(problems).toEqual(['roles/c/meta/main.yaml:1:16 role-circle: these roles need each other: a → b → c → a']);
  });

  it('are refused when they are missing, with the nearest name or every place looked at: R05', () => {
    expect(load(withRoles('[dcker]', { 'docker/tasks/main.yaml': task('x') })).problems).toEqual([
      '2:11 missing-role: there is no role `dcker` | did you mean `docker`?',
    ]);
    expect(load(withRoles('[web]', {})).problems).toEqual([
      '2:11 missing-role: there is no role `web` | looked for roles/web, web, /bundled/web',
    ]);
  });

  it('are found beside the playbook before those that come with the program, and by path', () => {
    const files: Files = {
      'f.yaml': '- {hosts: all, roles: [own, bundled, other/far]}\n',
      'roles/own/tasks/main.yaml': task('own'),
      '/bundled/own/tasks/main.yaml': task('wrong'),
      '/bundled/bundled/tasks/main.yaml': task('bundled'),
      'other/far/tasks/main.yaml': task('far'),
    };
    const play = playOf(files);
    expect(namesOf(play.roles)).toEqual(['own', 'bundled', 'far']);
    expect(play.roles.map((step) => step.context.role.name)).toEqual(['own', 'bundled', 'far']);
  });

  it('cannot be left by tasks_from: R07', () => {
    const roles = { 'a/tasks/main.yaml': task('a'), 'a/tasks/more/b.yaml': task('b'), 'b/tasks/main.yaml': task('b') };
    const tasksFrom = (name: string) =>
      load({
        ...withRoles('[]', roles),
        'f.yaml': `- hosts: all\n  tasks: [{import_role: {name: a, tasks_from: "${name}"}}]\n`,
      });
    expect(namesOf(tasksFrom('more/b.yaml').plays[0]!.tasks)).toEqual(['b']);
    expect(namesOf(tasksFrom('more/../more/b').plays[0]!.tasks)).toEqual(['b']);
    for (const name of ['../../b/tasks/main', '/etc/passwd', 'more/../../x'])
      expect(tasksFrom(name).problems).toEqual([
        `2:47 outside-role: \`${name}\` leads out of the role | name a file in the role's \`tasks\` folder, or use \`include_tasks\``,
      ]);
    expect(tasksFrom('mian').problems).toEqual([
      '2:47 missing-file: the role `a` has no tasks `mian` | did you mean `main`?',
    ]);
  });

  it('hand what their use says down to their steps and to the roles they depend on', () => {
    const play = playOf(
      withRoles('[{role: b, when: go, tags: [t], become: true}]', {
        'a/tasks/main.yaml': '- {name: a, command: x, when: own}\n',
        'b/tasks/main.yaml': task('b'),
        'b/meta/main.yaml': 'dependencies: [{role: a, when: dependency, tags: d}]\n',
      }),
    );
    const a = stepNamed(play.roles, 'a');
    expect(whenOf(a)).toEqual(['go', 'dependency', 'own']);
    expect(a.tags).toEqual(['t', 'd']);
    expect(a.keywords.become).toMatchObject({ value: true });
    expect(whenOf(stepNamed(play.roles, 'b'))).toEqual(['go']);
  });

  it('know the role they are used in', () => {
    const play = playOf(
      withRoles('[b]', {
        'a/tasks/main.yaml': task('a'),
        'b/tasks/main.yaml': task('b'),
        'b/meta/main.yaml': 'dependencies: [a]\n',
      }),
    );
    expect(stepNamed(play.roles, 'a').role?.parent?.role.name).toBe('b');
    expect(stepNamed(play.roles, 'b').role?.parent).toBeUndefined();
  });

  it('read defaults, vars and argument specs; a default of a spec counts as one of the role', () => {
    const play = playOf(
      withRoles('[{role: a, port: 1}]', {
        'a/tasks/main.yaml': task('a'),
        'a/defaults/main.yml': 'port: 80\nname: web\n',
        'a/vars/main.yaml': 'fixed: true\n',
        'a/meta/argument_specs.yaml':
          'argument_specs: {main: {options: {port: {type: int, default: 1}, extra: {default: e}}}}\n',
      }),
    );
    const { role, params } = play.roles[0]!.context;
    const plain = (values: typeof params.values) =>
      Object.fromEntries([...values].map(([name, value]) => [name, plainData(value)]));
    expect(plain(role.defaults.values)).toEqual({ port: 80, name: 'web', extra: 'e' });
    expect(plain(role.vars.values)).toEqual({ fixed: true });
    expect(plain(params.values)).toEqual({ port: 1 });
    expect([role.defaults.origin, role.vars.origin, params.origin]).toEqual([
      'role defaults of a',
      'role vars of a',
      'parameters of role a',
    ]);
  });

  it('bring their handlers once for each set of parameters', () => {
    const play = playOf(
      withRoles('[{role: a, n: 1}, {role: a, n: 1}, {role: a, n: 2}]', {
        'a/tasks/main.yaml': '- {command: x, notify: restart}\n',
        'a/handlers/main.yaml': '- {name: restart, command: x}\n',
      }),
    );
    expect(play.handlers).toHaveLength(2);
  });

  it('tell the mistakes of a role that is used twice once', () => {
    const { problems } = load(
      withRoles('[{role: a, n: 1}, {role: a, n: 2}]', { 'a/tasks/main.yaml': '- comand: x\n' }),
    );
    expect(problems).toEqual([
      'roles/a/tasks/main.yaml:1:3 unknown-key: a task has no key `comand` | did you mean `command`?',
    ]);
  });

  it.each<readonly [string, Files, string]>([
    ['[{name: ""}]', {}, '2:18 missing-role'],
    ['[{when: x}]', {}, '2:11 missing-key: an entry of roles needs the key `role`'],
    ['["<%= x %>"]', {}, '2:11 template-not-allowed'],
    ['[[a]]', {}, '2:11 wrong-type: `role` must be a name or a map'],
    [
      '[a]',
      { 'a/meta/main.yaml': 'dependecies: []\n' },
      "roles/a/meta/main.yaml:1:1 unknown-key: a role's meta has no key `dependecies`",
    ],
    ['[a]', { 'a/defaults/main.yaml': '- 1\n' }, 'roles/a/defaults/main.yaml:1:1 wrong-type'],
    ['[a]', { 'a/defaults/main.yaml': 'x: "<%= 1 + %>"\n' }, 'roles/a/defaults/main.yaml:1:'],
    [
      '[a]',
      { 'a/tasks/main.yaml': '', 'a/tasks/main.yml': '' },
      'roles/a/tasks/main.yml:1:1 two-files: there is also roles/a/tasks/main.yaml',
    ],
    ['[a]', { 'a/handlers/main.yaml': '- {command: x}\n' }, 'roles/a/handlers/main.yaml:1:3 unnamed-handler'],
    [
      '[{role: a, tgas: x}]',
      { 'a/tasks/main.yaml': '' },
      '2:21 unknown-argument: the role `a` has no argument `tgas` | did you mean `tags`?',
    ],
  ])('%s with %j is refused: %s', (uses, roles, problem) => {
    const { problems } = load(withRoles(uses, { 'a/tasks/empty.yaml': '', ...roles }));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });
});

describe('the arguments of a role', () => {
  const specs = `
argument_specs:
  main:
    short_description: A web server.
    options:
      port: {type: int, required: true, description: [The port, of the server.]}
      kind: {choices: [small, large], default: small}
      users: {type: list, elements: dict, options: {name: {required: true}, age: {type: int}}}
      password: {secret: true}
`;
  const use = (params: string) =>
    load(withRoles(`[{role: web, ${params}}]`, { 'web/meta/main.yaml': specs, 'web/tasks/main.yaml': task('x') }));

  it('are described in the role', () => {
    const [port, kind, users, password] = use('port: 1').plays[0]!.roles[0]!.context.role.argumentSpecs;
    expect(port).toMatchObject({ name: 'port', type: 'int', required: true, description: 'The port\nof the server.' });
    expect(kind).toMatchObject({ type: 'str', choices: ['small', 'large'], default: { value: 'small' } });
    expect(users).toMatchObject({ type: 'list', elements: 'dict', options: [{ name: 'name' }, { name: 'age' }] });
    expect(password).toMatchObject({ secret: true, required: false });
  });

  it.each([
    ['port: abc', '2:29 wrong-argument: role `web`: `port` must be a whole number, this is text'],
    [
      'port: "80"',
      '2:29 wrong-argument: role `web`: `port` must be a whole number, this is text | write the number without quotes',
    ],
    [
      'kind: smal',
      '2:29 wrong-argument: role `web`: `kind` must be one of `small`, `large`, this is text | did you mean `small`?',
    ],
    ['users: [{age: 3}]', '2:30 wrong-argument: role `web`: `users[0].name` must be given'],
    ['users: [{name: a, aeg: 3}]', '`users[0].aeg` is not known here | did you mean `age`?'],
    ['prot: 1', '2:23 unknown-argument: the role `web` has no argument `prot` | did you mean `port`?'],
  ])('%j is refused where it is written: R09', (params, problem) => {
    const { problems } = use(params);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  it('may be templates: the run judges those', () => {
    expect(use('port: "<%= x %>", users: [{name: "<%= y %>"}]').problems).toEqual([]);
  });

  it.each([
    ['port: {typ: int}', '2:10 unknown-key: the argument `port` has no key `typ`'],
    ['port: {type: number8}', '2:16 wrong-type'],
    ['port: [1]', '2:9 wrong-type'],
    ['my-port: int', '2:3 invalid-name'],
  ])('%j is no description', (line, problem) => {
    const { problems } = load(
      withRoles('[web]', { 'web/meta/main.yaml': `argument_specs:\n  ${line}\n`, 'web/tasks/main.yaml': '' }),
    );
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`roles/web/meta/main.yaml:${problem}`);
  });

  it('may be described without entry points, by their type alone', () => {
    const play = playOf(
      withRoles('[web]', {
        'web/meta/main.yaml': 'argument_specs: {port: int, name: {}}\n',
        'web/tasks/main.yaml': '',
      }),
    );
    expect(play.roles[0]!.context.role.argumentSpecs).toMatchObject([
      { name: 'port', type: 'int' },
      { name: 'name', type: 'str' },
    ]);
  });
});
