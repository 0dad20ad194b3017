import { describe, expect, it } from 'vitest';
import { plainData } from '../../../src/syntax/located.js';
import { load, playOf, playsOf } from './load.js';

describe('a playbook', () => {
  it.each([
    ['', ['1:1 empty-playbook: the playbook is empty: it needs a list of plays']],
    ['# only a comment\n', ['1:1 empty-playbook: the playbook is empty: it needs a list of plays']],
    ['[]', ['1:1 empty-playbook: the playbook has no plays']],
    ['hosts: web\n', ['1:1 wrong-type: a playbook is a list of plays | put `- ` before its first key']],
    ['- web', ['1:3 wrong-type: a play is a map of keys and values']],
    ['- name: no hosts\n', ['1:3 missing-key: a play needs the key `hosts`']],
    ['- hosts: {web: 1}\n', ['1:10 wrong-type: `hosts` must be a pattern or a list of patterns, this is a map']],
  ])('%j is refused with its place', (text, problems) => {
    expect(load(text).problems).toEqual(problems);
  });

  it('is missing when there is no such file', () => {
    expect(load({ 'other.yaml': '' }).problems).toEqual([
      'the command line:1:1 missing-file: there is no playbook `f.yaml`',
    ]);
  });

  it('reports every mistake of every play and keeps what could be understood', () => {
    const { plays, problems } = load(`- hosts: web
  task: []
  serial: 0
  tasks:
    - comand: uptime
- hosts: db
  strategy: fre
`);
    expect(problems).toEqual([
      '2:3 unknown-key: a play has no key `task` | did you mean `tasks`?',
      '5:7 unknown-key: a task has no key `comand` | did you mean `command`?',
      '3:11 wrong-type: `serial` must be a number of hosts from 1 on or a percentage like "25%", this is the number 0',
      '7:13 wrong-type: `strategy` must be `linear` or `free` | did you mean `free`?',
    ]);
    expect(plays.map((play) => play.name)).toEqual(['web', 'db']);
  });
});

describe('a play', () => {
  it('is called after its hosts when it has no name', () => {
    const [named, pattern, list] = playsOf('- {name: n, hosts: a}\n- hosts: a:b\n- hosts: [a, b]\n');
    expect([named!.name, pattern!.name, list!.name]).toEqual(['n', 'a:b', 'a,b']);
    expect([named!.unnamed, pattern!.unnamed]).toEqual([undefined, true]);
  });

  it('has the defaults of the language', () => {
    expect(playOf('- hosts: all\n')).toMatchObject({
      allowEmpty: false,
      serial: [],
      order: 'inventory',
      strategy: 'linear',
      facts: true,
      anyErrorsFatal: false,
    });
    expect(playOf('- hosts: all\n').needs).toBeUndefined();
  });

  it('reads its settings', () => {
    const play = playOf(`
- name: web
  hosts: web
  needs: [db, cache]
  allow_empty: true
  serial: [1, "30%", 3]
  order: reverse_sorted
  max_failures: 10%
  any_errors_fatal: true
  force_handlers: true
  strategy: free
  forks: 3
  facts: false
  ensemble: {kind: zookeeper, max_unavailable: 1, port: 2181}
`);
    expect(play).toMatchObject({
      needs: [{ name: 'db' }, { name: 'cache' }],
      allowEmpty: true,
      serial: [
        { kind: 'count', count: 1 },
        { kind: 'percent', percent: 30 },
        { kind: 'count', count: 3 },
      ],
      order: 'reverse_sorted',
      maxFailures: { kind: 'percent', percent: 10 },
      anyErrorsFatal: true,
      forceHandlers: true,
      strategy: 'free',
      forks: 3,
      facts: false,
      ensemble: { kind: 'zookeeper', maxUnavailable: { kind: 'count', count: 1 } },
    });
    expect(play.ensemble?.settings.entries.map((entry) => entry.key)).toEqual(['port']);
  });

  it('says `needs: []` when it waits for nobody', () => {
    expect(playOf('- {hosts: all, needs: []}').needs).toEqual([]);
  });

  it('takes Ansible’s gather_facts and max_fail_percentage', () => {
    expect(playOf('- {hosts: all, gather_facts: false, max_fail_percentage: 25}')).toMatchObject({
      facts: false,
      maxFailPercentage: 25,
    });
  });

  it.each([
    ['serial: "0%"', 'wrong-type'],
    ['serial: "120%"', 'wrong-type'],
    ['serial: [2, x]', 'wrong-type'],
    ['serial: 1.5', 'wrong-type'],
    ['max_failures: -1', 'wrong-type'],
    ['max_fail_percentage: 101', 'wrong-type'],
    ['forks: 0', 'wrong-type'],
    ['facts: yes', 'wrong-type'],
    ['order: random', 'wrong-type'],
    ['ensemble: {max_unavailable: 1}', 'missing-key'],
    ['name: "<%= x %>"', 'template-not-allowed'],
    ['needs: ["<%= x %>"]', 'template-not-allowed'],
    ['vars: {host: 1}', 'invalid-name'],
    ['vars: {my-name: 1}', 'invalid-name'],
    ['vars: {x: "{{ y }}"}', 'jinja'],
    ['vars: {x: "<%= 1 + %>"}', 'expression-syntax'],
    ['when: a = 1', 'assignment'],
    ['tasks: {command: x}', 'wrong-type'],
    ['roles: docker', 'wrong-type'],
    ['connection: local', 'unsupported-keyword'],
    ['vars_prompt: [{name: x}]', 'unsupported-keyword'],
    ['vars_files: [[a.yaml, b.yaml]]', 'wrong-type: .*[|] all of these files are read: name the one'],
    ['become: yes', 'wrong-type'],
    ['environment: [a]', 'wrong-type'],
  ])('refuses %j as %s, at its line', (line, code) => {
    const { problems } = load(`- hosts: all\n  ${line}\n`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^2:\\d+ ${code}`));
  });

  it('accepts zero failures: none may fail', () => {
    expect(playOf('- {hosts: all, max_failures: 0}').maxFailures).toEqual({ kind: 'count', count: 0 });
  });
});

describe('import_playbook', () => {
  it('brings the plays of another file in its place, found from the file that names it', () => {
    const plays = playsOf({
      'f.yaml': '- hosts: a\n- import_playbook: more/db.yaml\n- hosts: c\n',
      'more/db.yaml': '- import_playbook: inner.yaml\n- hosts: b\n',
      'more/inner.yaml': '- hosts: inner\n',
    });
    expect(plays.map((play) => play.name)).toEqual(['a', 'inner', 'b', 'c']);
  });

  it('finds roles beside the playbook the load began with, not beside the imported one', () => {
    const plays = playsOf({
      'f.yaml': '- import_playbook: more/db.yaml\n',
      'more/db.yaml': '- {hosts: b, roles: [r]}\n',
      'more/roles/r/tasks/main.yaml': '- {name: beside, command: x}\n',
    });
    expect(plays[0]?.roles[0]?.context.role.directory).toBe('more/roles/r');
  });

  it('hands its tags, condition and variables to every play it brings; its variables win over those of the plays', () => {
    const [play] = playsOf({
      'f.yaml': '- {import_playbook: a.yaml, tags: outer, when: go, vars: {x: outer, y: outer}}\n',
      'a.yaml': '- {import_playbook: b.yaml, tags: inner, vars: {x: inner, z: inner}}\n',
      'b.yaml': '- {hosts: b, tags: own, when: ready, vars: {x: own, y: own, z: own, w: own}, tasks: [{command: c}]}\n',
    });
    expect(play?.tags).toEqual(['outer', 'inner', 'own']);
    expect(play?.tasks[0]?.tags).toEqual(['outer', 'inner', 'own']);
    expect(play?.when.map(({ source }) => source)).toEqual(['go', 'ready']);
    const values = [...(play?.vars.values ?? [])].map(([name, value]) => [name, plainData(value)]);
    expect(Object.fromEntries(values)).toEqual({ x: 'outer', y: 'outer', z: 'inner', w: 'own' });
  });

  it('is refused when the file is missing, when files import each other, and with other keys', () => {
    const { problems } = load({
      'f.yaml': '- import_playbook: gone.yaml\n- {import_playbook: a.yaml, hosts: a}\n',
      'a.yaml': '- import_playbook: b.yaml\n',
      'b.yaml': '- import_playbook: a.yaml\n',
    });
    expect(problems).toEqual([
      '1:20 missing-file: there is no playbook `gone.yaml` | looked for gone.yaml',
      '2:29 unknown-key: `import_playbook` has no key `hosts` | known keys: import_playbook, name, when, tags, vars',
      'b.yaml:1:20 import-circle: these playbooks import each other: f.yaml → a.yaml → b.yaml → a.yaml',
    ]);
  });
});
