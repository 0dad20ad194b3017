import { describe, expect, it } from 'vitest';
import { selectedByTags } from '../../../src/plan/tags.js';

/** The tasks of T01, by what they are tagged with. */
const tasks: Readonly<Record<string, readonly string[]>> = {
  a: ['a'],
  always: ['always'],
  rare: ['never', 'rare'],
  bc: ['b', 'c'],
  none: [],
  é: ['é'],
  block: ['block'],
};

function chosen(tags: readonly string[], skipTags: readonly string[] = []): string {
  return Object.keys(tasks)
    .filter((name) => selectedByTags(tasks[name]!, { tags, skipTags }))
    .join(' ');
}

describe('--tags: T01', () => {
  it.each([
    [[], 'a always bc none é block'],
    [['all'], 'a always bc none é block'],
    [['a'], 'a always'],
    [['é'], 'always é'],
    [['b'], 'always bc'],
    [['a', 'c'], 'a always bc'],
    [['tagged'], 'a always bc é block'],
    [['untagged'], 'always none'],
    [['rare'], 'always rare'],
    [['never'], 'always rare'],
    [['all', 'rare'], 'a always rare bc none é block'],
    [['gone'], 'always'],
  ])('%j chooses %s', (tags, expected) => {
    expect(chosen(tags)).toBe(expected);
  });
});

describe('--skip-tags', () => {
  it.each([
    [['a'], 'always bc none é block'],
    [['always'], 'a bc none é block'],
    [['b', 'block'], 'a always none é'],
    [['all'], 'always'],
    [['tagged'], 'none'],
    [['untagged'], 'a always bc é block'],
    [['rare'], 'a always bc none é block'],
    [['all', 'always'], ''],
  ])('%j leaves %s', (skipTags, expected) => {
    expect(chosen([], skipTags)).toBe(expected);
  });

  it('wins over --tags', () => {
    expect(chosen(['a', 'b'], ['a'])).toBe('always bc');
    expect(chosen(['rare'], ['rare'])).toBe('always');
  });
});
