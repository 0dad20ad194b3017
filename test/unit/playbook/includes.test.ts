import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/core/diagnostic.js';
import { IncludeLoader } from '../../../src/playbook/include-loader.js';
import { type Files, load, loadingOf, namesOf, playOf, stepNamed } from './load.js';

const play = (tasks: string): string => `- hosts: all\n  tasks:\n    - ${tasks.replaceAll('\n', '\n      ')}\n`;

describe('files of tasks', () => {
  it('are searched beside the file that names them, in the role, then beside the playbook', () => {
    const loaded = playOf({
      'f.yaml': play('import_tasks: sub/a.yaml'),
      'sub/a.yaml': '- import_tasks: b.yaml\n- import_tasks: c.yaml\n',
      'sub/b.yaml': '- {name: beside, command: x}\n',
      'b.yaml': '- {name: wrong, command: x}\n',
      'c.yaml': '- {name: beside the playbook, command: x}\n',
    });
    expect(namesOf(loaded.tasks)).toEqual(['beside', 'beside the playbook']);
    expect(stepNamed(loaded.tasks, 'beside').directory).toBe('sub');
  });

  it('are read ahead when an include names one without a template', () => {
    const loaded = playOf({ 'f.yaml': play('include_tasks: a.yaml'), 'a.yaml': '- {name: a, command: x}\n' });
    expect(loaded.tasks[0]).toMatchObject({ kind: 'include-tasks', steps: [{ kind: 'module' }] });
  });

  it('are left to the run when their name holds a template', () => {
    const [step] = playOf(play('include_tasks: "<%= x %>.yaml"')).tasks;
    expect(step).toMatchObject({ kind: 'include-tasks', file: { value: '<%= x %>.yaml' } });
    expect(step).not.toHaveProperty('steps');
  });

  it.each(['become: true', 'delegate_to: h2', 'environment: {A: b}', 'throttle: 1', 'check_mode: true'])(
    'are not reached by a keyword of the include, so `%s` is refused there; an import hands it down',
    (keyword) => {
      const [key = ''] = keyword.split(':');
      expect(load({ 'f.yaml': play(`include_tasks: a.yaml\n${keyword}`), 'a.yaml': '' }).problems).toEqual([
        expect.stringContaining(
          `4:7 unknown-key: \`include_tasks\` has no key \`${key}\` | for the tasks inside write it under \`apply\``,
        ),
      ]);
      expect(namesOf(playOf({ 'f.yaml': play(`import_tasks: a.yaml\n${keyword}`), 'a.yaml': '' }).tasks)).toEqual([]);
    },
  );

  it('are shown under an include with `no_log`, which is warned of, unless its `apply` hides them', () => {
    const problems = (task: string): readonly string[] => load({ 'f.yaml': play(task), 'a.yaml': '' }).problems;
    expect(problems('include_tasks: a.yaml\nno_log: true')).toEqual([
      '4:7 shown-inside: `no_log` hides the include alone: what the tasks inside say is shown | hide them too with `apply: {no_log: true}` in the map of `include_tasks`',
    ]);
    expect(problems('include_tasks: {file: a.yaml, apply: {no_log: true}}\nno_log: true')).toEqual([]);
    expect(problems('include_tasks: a.yaml\nno_log: false')).toEqual([]);
    expect(problems('import_tasks: a.yaml\nno_log: true')).toEqual([]);
  });

  it('that are imported take no `apply`: what the import says holds for them', () => {
    expect(load({ 'f.yaml': play('import_tasks: {file: a.yaml, apply: {tags: t}}'), 'a.yaml': '' }).problems).toEqual([
      expect.stringContaining('3:36 unknown-key: `import_tasks` has no key `apply` | write it beside the import'),
    ]);
  });

  it('may be empty', () => {
    expect(playOf({ 'f.yaml': play('import_tasks: a.yaml'), 'a.yaml': '' }).tasks).toEqual([]);
  });

  it('may include themselves, but not import themselves', () => {
    const including = playOf({
      'f.yaml': play('include_tasks: a.yaml'),
      'a.yaml': '- {name: again, include_tasks: a.yaml, when: more}\n',
    });
    expect(stepNamed(including.tasks, 'again')).not.toHaveProperty('steps');
    expect(
      load({
        'f.yaml': play('import_tasks: a.yaml'),
        'a.yaml': '- import_tasks: b.yaml\n',
        'b.yaml': '- import_tasks: a.yaml\n',
      }).problems,
    ).toEqual(['b.yaml:1:17 import-circle: these files import each other: a.yaml → b.yaml → a.yaml']);
  });

  it.each<readonly [string, Files, string]>([
    ['import_tasks: gone.yaml', {}, '3:21 missing-file: there is no file `gone.yaml` | looked for gone.yaml'],
    ['include_tasks: gone.yaml', {}, '3:22 missing-file: there is no file `gone.yaml` | looked for gone.yaml'],
    ['import_tasks: "<%= x %>.yaml"', {}, '3:21 template-not-allowed: '],
    [
      'import_tasks: a.yaml\nloop: [1]',
      { 'a.yaml': '' },
      '4:7 unknown-key: `import_tasks` has no key `loop` | an import is read once',
    ],
    [
      'import_role: {name: r}\nloop: [1]',
      { 'roles/r/tasks/main.yaml': '' },
      '4:7 unknown-key: `import_role` has no key `loop` | an import is read once: write `include_role` to loop',
    ],
    ['include_tasks: {apply: {}}', {}, '3:22 missing-key: `include_tasks` needs the key `file`'],
    [
      'include_tasks: {file: a.yaml, aply: {}}',
      { 'a.yaml': '' },
      '3:37 unknown-key: `include_tasks` has no key `aply`',
    ],
    [
      'include_tasks: {file: a.yaml, apply: {loop: []}}',
      { 'a.yaml': '' },
      '3:45 unknown-key: `apply` has no key `loop`',
    ],
    ['include_tasks: [a]', {}, '3:22 wrong-type: '],
    ['include_tasks: a.yaml', { 'a.yaml': 'command: x' }, 'a.yaml:1:1 wrong-type: `a file of tasks` must be a list'],
    ['include_tasks: a.yaml', { 'a.yaml': '- comand: x' }, 'a.yaml:1:3 unknown-key: a task has no key `comand`'],
    ['include: a.yaml', {}, '3:7 unsupported-keyword: '],
  ])('%j is refused: %s%s', (tasks, files, problem) => {
    const { problems } = load({ 'f.yaml': play(tasks), ...files });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });
});

describe('the loader of what only a run can name', () => {
  const files: Files = {
    'f.yaml': play('name: include\ninclude_tasks: "<%= x %>.yaml"\nvars: {v: 1}\n').concat(
      '    - {name: role, include_role: {name: "<%= r %>"}, vars: {port: 1}}\n',
    ),
    'good.yaml': '- {name: good, command: x}\n',
    'bad.yaml': '- comand: x\n- command: y\n  when: a = 1\n',
    'roles/r/tasks/main.yaml': '- {name: in role, command: x, notify: restart}\n',
    'roles/r/tasks/other.yaml': '- {name: other, command: x}\n',
    'roles/r/handlers/main.yaml': '- {name: restart, command: x}\n',
    'vars/web.yaml': 'port: 80\n',
    'vars/wrong.yaml': '- 1\n',
  };
  const loaded = playOf(files);
  const includes = new IncludeLoader({ ...loadingOf(files), playbookDirectory: '.' });
  const step = stepNamed(loaded.tasks, 'include');
  const role = stepNamed(loaded.tasks, 'role');
  if (step.kind !== 'include-tasks' || role.kind !== 'include-role') throw new Error('two includes were expected');

  it('reads the steps with what the include hands down', () => {
    const [found] = includes.tasks({ file: 'good.yaml', step });
    expect(found?.vars.map((block) => block.origin)).toEqual(['include vars']);
    expect(found?.id).toBe(`${step.id}>good.yaml:1:3`);
  });

  it('throws all mistakes of the file', () => {
    const mistakes = (): unknown => includes.tasks({ file: 'bad.yaml', step });
    expect(mistakes).toThrow(InputError);
    expect(mistakes).toThrow(/no key `comand`[\s\S]*cannot assign/);
    expect(() => includes.tasks({ file: 'gone.yaml', step })).toThrow('there is no file `gone.yaml`');
  });

  it('reads a role with its handlers and parameters', () => {
    const found = includes.role({ name: 'r', files: {}, step: role });
    expect(namesOf(found.steps)).toEqual(['in role']);
    expect(found.handlers).toHaveLength(1);
    expect([...found.context.params.values.keys()]).toEqual(['port']);
    expect(namesOf(includes.role({ name: 'r', files: { tasks: 'other.yaml' }, step: role }).steps)).toEqual(['other']);
    expect(() => includes.role({ name: 'gone', files: {}, step: role })).toThrow('there is no role `gone`');
    expect(() => includes.role({ name: 'r', files: { tasks: '../x' }, step: role })).toThrow('leads out of the role');
  });

  it('reads files of variables beside the playbook', () => {
    const variables = includes.variables({ file: 'vars/web.yaml', play: loaded });
    expect([...variables.values.keys()]).toEqual(['port']);
    expect(() => includes.variables({ file: 'vars/gone.yaml', play: loaded })).toThrow('vars/gone.yaml');
    expect(() => includes.variables({ file: 'vars/wrong.yaml', play: loaded })).toThrow(InputError);
  });
});
