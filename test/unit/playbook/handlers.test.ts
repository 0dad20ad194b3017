import { describe, expect, it } from 'vitest';
import { load, nameOf, playOf } from './load.js';

/** A play with one task that notifies, and handlers. */
const play = (notify: string, handlers: string): string =>
  `- hosts: all\n  tasks:\n    - {command: x, notify: ${notify}}\n  handlers: ${handlers}\n`;

describe('handlers', () => {
  it('are those of the play, then those of its roles in the order of use', () => {
    const found = playOf({
      'f.yaml': '- hosts: all\n  roles: [b, a]\n  handlers: [{name: own, command: x, listen: [topic, other]}]\n',
      'roles/a/handlers/main.yaml': '- {name: in a, command: x}\n',
      'roles/b/handlers/main.yaml': '- import_tasks: more.yaml\n',
      'roles/b/handlers/more.yaml': '- {name: in b, command: x}\n- {name: also in b, command: x}\n',
    });
    expect(found.handlers.map(({ step }) => nameOf(step))).toEqual(['own', 'in b', 'also in b', 'in a']);
    expect(found.handlers[0]?.listen).toEqual(['topic', 'other']);
  });

  it.each([
    ['[{command: x}]', '4:14 unnamed-handler: a handler without a name that listens to nothing never runs'],
    [
      '[{name: h, meta: flush_handlers}]',
      '4:14 not-a-handler: a handler runs a module, a block, an include or `meta`, not',
    ],
    ['{name: h}', '4:13 wrong-type: `handlers` must be a list, this is a map'],
    ['[h]', '4:14 wrong-type: `a handler` must be a map, this is text'],
    ['[{name: h, command: x}, {name: h, command: y}]', '4:44 duplicate-handler: two handlers are called `h`'],
  ])('%s are refused: %s', (handlers, problem) => {
    const { problems } = load(play('[]', handlers));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  it('may have the same name in two roles', () => {
    const files = {
      'f.yaml': '- {hosts: all, roles: [a, b]}\n',
      'roles/a/tasks/main.yaml': '- {command: x, notify: restart}\n',
      'roles/a/handlers/main.yaml': '- {name: restart, command: x}\n',
      'roles/b/tasks/main.yaml': '- {command: x, notify: restart}\n',
      'roles/b/handlers/main.yaml': '- {name: restart, command: x}\n',
    };
    expect(load(files).problems).toEqual([]);
    const outside = { ...files, 'f.yaml': `${play('restart', '[]')}  roles: [a, b]\n` };
    expect(load(outside).problems).toEqual([
      '3:28 ambiguous-handler: several handlers are called `restart` | name its role too, for example `a : restart`',
    ]);
    expect(load({ ...outside, 'f.yaml': `${play('"a : restart"', '[]')}  roles: [a, b]\n` }).problems).toEqual([]);
  });
});

describe('a notification', () => {
  it.each(['h', '[h, topic]', '"<%= x %>"', '[]'])('of %s is fine', (notify) => {
    expect(load(play(notify, '[{name: h, command: x, listen: topic}]')).problems).toEqual([]);
  });

  it('of a handler that is not there is refused, with the nearest name or topic', () => {
    expect(load(play('[restrat, topik]', '[{name: restart, command: x, listen: topic}]')).problems).toEqual([
      '3:29 unknown-handler: no handler of the play is called `restrat` or listens to it | did you mean `restart`?',
      '3:38 unknown-handler: no handler of the play is called `topik` or listens to it | did you mean `topic`?',
    ]);
  });

  it('that a block hands to its steps is judged once', () => {
    const { problems } = load(
      '- hosts: all\n  tasks:\n    - block: [{command: x}, {command: y}]\n      notify: gone\n',
    );
    expect(problems).toEqual(['4:15 unknown-handler: no handler of the play is called `gone` or listens to it']);
  });

  it('may mean a handler whose name only the run can tell, or of a role the run chooses', () => {
    expect(load(play('web restart', '[{name: "<%= x %> restart", command: x}]')).problems).toEqual([]);
    expect(
      load('- hosts: all\n  tasks: [{command: x, notify: h}, {include_role: {name: "<%= r %>"}}]\n').problems,
    ).toEqual([]);
  });

  it('finds the handlers of included roles', () => {
    expect(
      load({
        'f.yaml': '- hosts: all\n  tasks: [{include_role: {name: a}}, {command: x, notify: h}]\n',
        'roles/a/handlers/main.yaml': '- {name: h, command: x}\n',
      }).problems,
    ).toEqual([]);
  });
});
