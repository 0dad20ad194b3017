import { describe, expect, it } from 'vitest';
import { findModule, moduleNames } from '../../../src/modules/index.js';
import { hintForParameter, parameterHints } from '../../../src/playbook/parameter-hints.js';
import { schemaKeys } from '../../../src/syntax/schema-keys.js';
import { load } from './load.js';

const problemsOfTask = (task: string): readonly string[] => load(`- hosts: all\n  tasks:\n    - ${task}\n`).problems;

describe('a parameter that only the module of Ansible has', () => {
  it('is refused at its place, with what does its work', () => {
    expect(problemsOfTask('copy: {dest: /x, content: y, seuser: z}')).toEqual([
      '3:36 unknown-key: `copy` has no key `seuser` | write `command: chcon …` or `command: restorecon …` in a task after it',
    ]);
    expect(problemsOfTask('set_fact: {a: 1, cacheable: true}')).toEqual([
      "3:24 unknown-key: `cacheable` is no variable but a word of Ansible's, for a cache of facts that is not here | remove it: what is set holds for the rest of the run",
    ]);
  });

  it('leaves the hint to a name that is near when it is no word of Ansible', () => {
    expect(problemsOfTask('copy: {dest: /x, contnt: y, content: y}')[0]).toContain('did you mean `content`?');
  });

  it('is said of no parameter that a module has', () => {
    for (const [name, hints] of Object.entries(parameterHints)) {
      if (name === '*') continue;
      const module = findModule(name);
      expect(module?.name).toBe(name);
      const known = module === undefined ? [] : schemaKeys(module.params, []);
      expect(Object.keys(hints).filter((parameter) => known.includes(parameter))).toEqual([]);
    }
    expect(moduleNames()).not.toContain('*');
    expect(hintForParameter('apt', 'name')).toBeUndefined();
  });
});

it('a pause that would wait for a person is refused: nobody is asked', () => {
  expect(problemsOfTask('pause: {prompt: "sure?"}')[0]).toContain('give `seconds` or `minutes`');
  expect(problemsOfTask('pause: {minutes: 1, prompt: "a moment"}')).toEqual([]);
});
