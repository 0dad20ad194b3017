import { describe, expect, it } from 'vitest';
import { plainData } from '../../../src/syntax/located.js';
import { playOf, stepNamed, whenOf } from './load.js';

const nested = playOf(`
- hosts: all
  become: true
  become_user: app
  environment: {A: play}
  tags: [play]
  tasks:
    - block:
        - name: inner
          command: x
          when: [third, fourth]
          tags: [task]
          vars: {v: task}
          become_user: root
          environment: {A: task}
          notify: task handler
          ignore_errors: false
        - {name: plain, command: x}
      rescue:
        - {name: rescue, command: x}
      always:
        - {name: always, command: x}
      when: [first, second]
      tags: a, b
      vars: {v: block, w: block}
      environment: {A: block}
      notify: [block handler]
      ignore_errors: true
    - {name: outside, command: x}
  handlers:
    - {name: task handler, command: x}
    - {name: block handler, command: x}
`);

describe('what stands around a step', () => {
  const inner = stepNamed(nested.tasks, 'inner');

  it('adds its conditions before those of the step', () => {
    expect(whenOf(inner)).toEqual(['first', 'second', 'third', 'fourth']);
    for (const name of ['plain', 'rescue', 'always'])
      expect(whenOf(stepNamed(nested.tasks, name))).toEqual(['first', 'second']);
  });

  it('adds its tags', () => {
    expect(inner.tags).toEqual(['play', 'a', 'b', 'task']);
    expect(stepNamed(nested.tasks, 'always').tags).toEqual(['play', 'a', 'b']);
    expect(stepNamed(nested.tasks, 'outside').tags).toEqual(['play']);
  });

  it('adds its variables, the innermost last', () => {
    expect(inner.vars.map(({ origin, values }) => [origin, values.get('v')?.kind === 'scalar' && values.size])).toEqual(
      [
        ['block vars', 2],
        ['task vars', 1],
      ],
    );
  });

  it('gives its keywords, and the innermost wins', () => {
    expect(inner.keywords).toMatchObject({
      become: { value: true },
      becomeUser: { value: 'root' },
      ignoreErrors: { value: false },
    });
    expect(stepNamed(nested.tasks, 'plain').keywords).toMatchObject({
      becomeUser: { value: 'app' },
      ignoreErrors: { value: true },
    });
    expect(stepNamed(nested.tasks, 'outside').keywords.ignoreErrors).toBeUndefined();
  });

  it('adds up environments, outermost first', () => {
    expect(inner.keywords.environment.map(plainData)).toEqual([{ A: 'play' }, { A: 'block' }, { A: 'task' }]);
  });

  it('adds what it notifies', () => {
    expect(inner.kind === 'module' && inner.notify.map(plainData)).toEqual(['block handler', 'task handler']);
  });

  it('reaches the handlers of the play, but for its tags of notification', () => {
    const [handler] = nested.handlers;
    expect(handler?.step.keywords.becomeUser).toMatchObject({ value: 'app' });
    expect(handler?.step.tags).toEqual(['play']);
  });
});

describe('what an import says', () => {
  const files = {
    'f.yaml': `
- hosts: all
  tasks:
    - import_tasks: more.yaml
      when: go
      tags: [imported]
      vars: {v: 1}
      become: true
`,
    'more.yaml': '- {name: one, command: x, when: own}\n- block: [{name: two, command: x}]\n',
  };
  const play = playOf(files);

  it('holds for each of its steps: N01, T03', () => {
    expect(whenOf(stepNamed(play.tasks, 'one'))).toEqual(['go', 'own']);
    expect(whenOf(stepNamed(play.tasks, 'two'))).toEqual(['go']);
    for (const name of ['one', 'two']) {
      const step = stepNamed(play.tasks, name);
      expect(step.tags).toEqual(['imported']);
      expect(step.keywords.become).toMatchObject({ value: true });
      expect(step.vars.map((block) => block.origin)).toEqual(['import vars']);
    }
  });

  it('gives each import ids of its own', () => {
    const twice = playOf({
      ...files,
      'f.yaml': '- hosts: all\n  tasks: [import_tasks: more.yaml, import_tasks: more.yaml]\n',
    });
    const ids = twice.tasks.map((step) => step.id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('what a dynamic include says', () => {
  const play = playOf({
    'f.yaml': `
- hosts: all
  become: true
  tags: [play]
  tasks:
    - block:
        - name: include
          include_tasks: {file: more.yaml, apply: {tags: [applied], when: applied}}
          when: go
          tags: [included]
          vars: {v: 1}
      when: around
`,
    'more.yaml': '- {name: one, command: x, when: own, tags: [own]}\n',
  });

  it('is judged once, for the include: N01', () => {
    expect(whenOf(stepNamed(play.tasks, 'include'))).toEqual(['around', 'go']);
    expect(whenOf(stepNamed(play.tasks, 'one'))).toEqual(['around', 'applied', 'own']);
  });

  it('lets only `apply` and what stands around it tag the steps inside: T03', () => {
    expect(stepNamed(play.tasks, 'include').tags).toEqual(['play', 'included']);
    expect(stepNamed(play.tasks, 'one').tags).toEqual(['play', 'applied', 'own']);
  });

  it('hands its variables down', () => {
    expect(stepNamed(play.tasks, 'one').vars.map((block) => block.origin)).toEqual(['include vars']);
  });
});
