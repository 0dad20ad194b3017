import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainData } from '../../../src/syntax/located.js';
import { located, read } from './read.js';

/** Runs work and tells how much processor time it took: other programs on the machine do not count. */
function timed<T>(work: () => T): { readonly result: T; readonly milliseconds: number } {
  const before = process.cpuUsage();
  const result = work();
  return { result, milliseconds: process.cpuUsage(before).user / 1000 };
}

describe('a hostile file', () => {
  it('with aliases that multiply is refused at once', () => {
    const names = Array.from('abcdefghi');
    const bomb = names
      .map(
        (name, level) =>
          `${name}: &${name} [${Array.from({ length: 9 }, () => (level === 0 ? 'lol' : `*${names[level - 1]}`)).join(', ')}]`,
      )
      .join('\n');
    const { result, milliseconds } = timed(() => read(bomb));
    expect(result.problems).toEqual([expect.stringContaining('yaml-aliases: ')]);
    expect(milliseconds).toBeLessThan(1000);
  });

  it('with one huge text shared many times is refused', () => {
    const { problems } = read(`a: &a "${'x'.repeat(100_000)}"\nb:\n${'  - *a\n'.repeat(1000)}`);
    expect(problems).toEqual([expect.stringContaining('yaml-aliases: ')]);
  });

  it('may use an anchor five hundred times when that is all it does', () => {
    const data = plainData(located(`a: &a {x: 1, y: 2}\nb:\n${'  - *a\n'.repeat(500)}`)) as { b: unknown[] };
    expect(data.b).toHaveLength(500);
  });

  it('with an alias to what it stands in is refused', () => {
    expect(read('a: &a [*a]\n').problems).toEqual([expect.stringContaining('1:8 yaml-alias: ')]);
  });

  it('that nests deep through aliases is refused', () => {
    const lines = Array.from(
      { length: 12 },
      (_, level) => `a${level}: &a${level} ${'['.repeat(10)}${level === 0 ? '1' : `*a${level - 1}`}${']'.repeat(10)}`,
    );
    expect(read(lines.join('\n')).problems).toEqual([expect.stringContaining('yaml-aliases: ')]);
  });

  it.each([
    ['brackets', '['.repeat(20_000), '1:101'],
    ['braces', '{a: '.repeat(20_000), '1:401'],
    ['list items', '- '.repeat(20_000), '1:201'],
  ])('with 20,000 nested %s is refused at once', (_, text, place) => {
    const { result, milliseconds } = timed(() => read(text));
    expect(result.problems).toEqual([`${place} yaml-depth: lists and maps may be nested 100 deep, this is deeper`]);
    expect(milliseconds).toBeLessThan(1000);
  });

  it('with a million nested brackets is refused as fast', () => {
    const { result, milliseconds } = timed(() => read('['.repeat(1_000_000)));
    expect(result.problems).toHaveLength(1);
    expect(milliseconds).toBeLessThan(1000);
  });

  it('never makes the reader throw', () => {
    const unit = fc.constantFrom(
      'a',
      ' ',
      '  ',
      '\n',
      ':',
      ': ',
      '- ',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '#',
      '&a',
      '*a',
      '<<',
      '!x',
      '|',
      '>',
      '?',
      ',',
      '\t',
      '0',
      '%',
      '---\n',
      '\r\n',
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 60 }), (text) => {
        const { located: value, problems } = read(text);
        expect(value === undefined ? problems.every((problem) => problem !== '') : plainData(value) !== undefined).toBe(
          true,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('may nest a hundred deep', () => {
    expect(read(`${'['.repeat(100)}${']'.repeat(100)}`).problems).toEqual([]);
  });

  it('of 100 MB is refused at once', () => {
    const text = `a: ${'x'.repeat(100_000_000)}`;
    const { result, milliseconds } = timed(() => read(text));
    expect(result.problems).toEqual([expect.stringContaining('1:1 yaml-size: the file has 100000003 characters')]);
    expect(milliseconds).toBeLessThan(1000);
  });

  it.each(['__proto__', 'constructor', 'prototype', '"__proto__"'])(
    'cannot reach into objects with the key %s',
    (key) => {
      const { located: map, problems } = read(`a:\n  ${key}:\n    polluted: true\n`);
      expect(problems).toEqual([expect.stringContaining('2:3 forbidden-key: ')]);
      expect(map === undefined ? undefined : plainData(map)).toEqual({ a: {} });
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    },
  );
});
