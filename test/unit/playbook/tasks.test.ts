import { describe, expect, it } from 'vitest';
import { entryOf, plainData } from '../../../src/syntax/located.js';
import { load, playOf, stepNamed } from './load.js';

/** The problems of one task, written as the first of a play: its first key stands at 3:7. */
function problemsOfTask(task: string): readonly string[] {
  return load(`- hosts: all\n  tasks:\n    - ${task.replaceAll('\n', '\n      ')}\n`).problems;
}

/** The module step a task stands for. */
function taskOf(task: string) {
  const [step] = playOf(`- hosts: all\n  tasks:\n    - ${task.replaceAll('\n', '\n      ')}\n`).tasks;
  if (step?.kind !== 'module') throw new Error('a module step was expected');
  return step;
}

describe('a task', () => {
  it('takes `pause` for the module where there is no other, and for a setting of the loop beside one', () => {
    expect(taskOf('pause: {seconds: 3}').module).toBe('pause');
    expect(taskOf('pause: 3\nloop: [1, 2]')).toMatchObject({ module: 'pause', loop: { loopVar: 'item' } });
    expect(taskOf('command: x\nloop: [1, 2]\npause: 3')).toMatchObject({ module: 'command' });
  });

  it('takes a name before `=` at the start of a further line of shell for an assignment, and leaves `cmd` as it is', () => {
    expect(problemsOfTask('shell: |\n  dd if=a of=b\n  executable=/bin/x')).toEqual([]);
    expect(problemsOfTask('command: {cmd: "env creates=x y"}')).toEqual([]);
  });

  it('has exactly one module', () => {
    expect(problemsOfTask('command: x\ncopy: {dest: /x, content: y}')).toEqual([
      '4:7 two-modules: a task has one module, this one has `command` and `copy` | write two tasks',
    ]);
    expect(problemsOfTask('name: nothing')).toEqual([
      '3:7 missing-module: this task says no module: there is nothing to do | add one, for example `command: uptime`',
    ]);
    expect(load('- hosts: all\n  tasks: [uptime]\n').problems).toEqual([
      '2:11 wrong-type: `a task` must be a map, this is text',
    ]);
  });

  it.each([
    ['comand: x', '3:7 unknown-key: a task has no key `comand` | did you mean `command`?'],
    ['command: x\nregistr: r', '4:7 unknown-key: a task has no key `registr` | did you mean `register`?'],
    ['ansible.builtin.coppy: {dest: x}', '3:7 unknown-key: there is no module `coppy` | did you mean `copy`?'],
    ['copy: {content: x, dest: /x, onwer: a}', /^3:36 unknown-key: .*`onwer`.*did you mean `owner`/],
    ['file: {path: /x, mode: 0644}', /^3:30 .*quote/],
    ['debug: {msg: "{{ x }}"}', /^3:20 jinja: .*<%= x %>/],
    ['debug: {msg: "{% if x %}a{% endif %}"}', /^3:20 jinja: `{% if x %}` .*<% if/],
    ['debug: {msg: "a {# why #}"}', /^3:20 jinja: `{# why #}` /],
    ['debug: {msg: "<%= 1 + %>"}', /^3:\d+ expression-syntax/],
    ['debug: {msg: "<% if (x) { %>"}', /^3:\d+ template-syntax/],
    ['command: x\nwhen: a = 1', '4:13 assignment: an expression cannot assign | to compare, write `===`'],
    ['command: x\nwhen: [a, "b and c"]', /^4:\d+ expression-syntax: .*write `&&` for `and`/],
    ['command: x\nuntil: "{{ r }}"', /^4:15 jinja/],
    ['command: x\nfailed_when: 3', '4:20 wrong-type: `failed_when` must be an expression, this is the number 3'],
    ['assert: {that: "a = 1"}', /^3:\d+ assignment/],
    ['command: x\nregister: facts', /^4:17 invalid-name: `facts` is always there/],
    ['command: x\nregister: my-result', /^4:17 invalid-name: .*`my_result`/],
    ['command: x\nregister: "<%= x %>"', /^4:17 template-not-allowed/],
    ['set_fact: {run: 1}', /^3:18 invalid-name: `run` is always there/],
    ['command: x\nvars: {class: 1}', /^4:14 invalid-name: .*JavaScript/],
    [
      'copy: {dest: /x, content: y}\nasync: 60\npoll: 5',
      '4:14 not-in-background: `copy` cannot run in the background: `async` is for modules that run commands on the host | remove `async` and `poll`; `timeout` limits how long a task may take; `async` is for command, script, shell',
    ],
    ['debug: {msg: y}\nasync: "<%= x %>"', /^4:14 not-in-background/],
    [
      'script: x\nasync: 60\npoll: 0',
      '5:13 not-in-background: `script` cannot be left alone with `poll: 0`: there is more to do when its command has ended | remove `poll`: the task is waited for while it goes on by itself; `poll: 0` is for command, shell',
    ],
    ['command: x\npoll: 5', /^4:13 poll-alone: .*without `async`/],
    ['command: x\nretries: -1', /^4:16 wrong-type/],
    ['command: x\ntimeout: soon', /^4:16 wrong-type/],
    ['command: x\nbecome: yes', /^4:15 wrong-type: `become`/],
    ['command: x\nnotify: {a: 1}', /^4:15 wrong-type: `notify`/],
    ['command: x\ntags: "<%= x %>"', /^4:13 template-not-allowed/],
    ['command: x\nwith_items: [1]', /^4:7 with-loop: .*`loop:`/],
    ['command: x\nlocal_action: y', /^4:7 unsupported-keyword: .*delegate_to/],
    ['copy: src=a dest=b', /^3:13 key-value-text/],
    ['command: make all creates=/x chdir=/y', /^3:16 key-value-text: .*`creates=…`.*`cmd: …` and `creates: …`/],
    ['shell: a > b chdir=/y', /^3:14 key-value-text/],
    ['raw: uptime', '3:7 unknown-key: a task has no key `raw` | write `shell`: a target needs no Python'],
    ['zzzzzz: 1', /^3:7 unknown-key: .*runner modules/],
    ['command: {cmd: x}\nargs: {cmd: y}', /^4:14 said-twice/],
    ['meta: flush', '3:13 wrong-type: '],
    ['command: x\nloop: items', /^4:13 wrong-type: `loop` must be a list/],
    ['command: x\nindex_var: i', '4:7 missing-loop: `index_var` belongs to a `loop`, this task has none'],
    ['command: x\nloop: [1]\nloop_control: {loop_vr: i}', /^5:22 unknown-key: .*`loop_var`/],
    ['command: x\nloop: [1]\nloop_var: a\nloop_control: {loop_var: b}', /^6:22 said-twice/],
    ['rescue: []', '3:7 missing-block: `rescue` stands beside a `block`, here there is none'],
    ['block: []\nregister: r', /^4:7 unknown-key: a block has no key `register`/],
  ])('%j is refused: %s', (task, problem) => {
    const problems = problemsOfTask(task);
    expect(problems).toHaveLength(1);
    if (typeof problem === 'string') expect(problems[0]).toContain(problem);
    else expect(problems[0]).toMatch(problem);
  });

  it('reports all mistakes of all its parts at once', () => {
    expect(problemsOfTask('command: "<%= 1 + %>"\nwhen: b = 2\nregister: host\nunknown: 1')).toHaveLength(4);
  });

  it('puts a bare text under the parameter the module keeps it in', () => {
    expect(plainData(taskOf('command: uptime -p').params)).toEqual({ cmd: 'uptime -p' });
    expect(plainData(taskOf('debug: hello').params)).toEqual({ msg: 'hello' });
  });

  it('takes Ansible’s `args` and collection prefixes', () => {
    const step = taskOf('ansible.builtin.command: ls\nargs: {chdir: /tmp}');
    expect(step.module).toBe('command');
    expect(plainData(step.params)).toEqual({ cmd: 'ls', chdir: '/tmp' });
  });

  it('keeps key=value text where text means something', () => {
    expect(plainData(taskOf('shell: A=1 env').params)).toEqual({ cmd: 'A=1 env' });
  });

  it('reads loops, with the settings beside them or in `loop_control`', () => {
    const beside = taskOf('command: x\nloop: [1, 2]\nloop_var: user\nindex_var: at\nlabel: "<%= user %>"\npause: 2s');
    expect(beside.loop).toMatchObject({ loopVar: 'user', indexVar: 'at', pause: { value: 2 } });
    const control = taskOf('command: x\nloop: "<%= list %>"\nloop_control: {loop_var: user}');
    expect(control.loop).toMatchObject({ loopVar: 'user', items: { value: '<%= list %>' } });
    expect(taskOf('command: x\nloop: []').loop?.loopVar).toBe('item');
  });

  it('reads tries, conditions of its result and background work', () => {
    const step = taskOf(
      'command: x\nregister: r\nuntil: r.ok\nretries: 5\ndelay: 1m\nchanged_when: false\nfailed_when: [a, b]\nasync: 60\npoll: 0',
    );
    expect(step).toMatchObject({ register: 'r', retries: { value: 5 }, delay: { value: 60 } });
    expect(step.until.map((each) => each.source)).toEqual(['r.ok']);
    expect(step.changedWhen?.map((each) => each.source)).toEqual(['false']);
    expect(step.failedWhen?.map((each) => each.source)).toEqual(['a', 'b']);
    expect(step).toMatchObject({ asyncSeconds: { value: 60 }, pollSeconds: { value: 0 } });
  });

  it('leaves templates in typed fields to the run', () => {
    expect(taskOf('command: x\nretries: "<%= tries %>"\nbecome: "<%= root %>"')).toMatchObject({
      retries: { value: '<%= tries %>' },
      keywords: { become: { value: '<%= root %>' } },
    });
    expect(problemsOfTask('file: {path: "<%= x %>", state: "<%= y %>"}')).toEqual([]);
  });

  it('has an id that tells its place', () => {
    expect(taskOf('command: x').id).toBe('f.yaml:3:7');
  });

  it('reads what meta asks for', () => {
    const play = playOf('- hosts: all\n  tasks: [{meta: end_host, when: done, name: stop}]\n');
    expect(stepNamed(play.tasks, 'stop')).toMatchObject({
      kind: 'meta',
      action: 'end_host',
      when: [{ source: 'done' }],
    });
  });

  it('points at text inside a block scalar with its own line', () => {
    expect(
      load('- hosts: all\n  tasks:\n    - debug:\n        msg: |\n          fine\n          <%= 1 + %>\n').problems[0],
    ).toMatch(/^6:\d+ /);
  });

  it('keeps the parameters as they are written, with their places', () => {
    const msg = entryOf(taskOf('debug: {msg: "<%= x %>"}').params, 'msg');
    expect(msg?.value.span.start).toEqual({ line: 3, column: 20 });
  });
});
