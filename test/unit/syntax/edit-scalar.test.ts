import { describe, expect, it } from 'vitest';
import { replaceScalar } from '../../../src/syntax/edit-scalar.js';

const at = (line: number, column: number): { readonly line: number; readonly column: number } => ({ line, column });

describe('a scalar is replaced in its place', () => {
  it.each([
    ['plain', 'a: 1.0.0 # why\nb:   [x,  y]\n', at(1, 4), 'a: 2.0.0 # why\nb:   [x,  y]\n'],
    ['double-quoted', 'a: "1.0.0"\n', at(1, 4), 'a: "2.0.0"\n'],
    ['single-quoted', "a:   '1.0.0'   # c\n", at(1, 6), "a:   '2.0.0'   # c\n"],
    [
      'deep',
      'all:\n  vars:\n    # c\n    v: 1.0.0\n  hosts: {n1: {v: 3}}\n',
      at(4, 8),
      'all:\n  vars:\n    # c\n    v: 2.0.0\n  hosts: {n1: {v: 3}}\n',
    ],
    ['in braces', 'h: { n1: { v: 1.0.0, w: 1 } }\n', at(1, 15), 'h: { n1: { v: 2.0.0, w: 1 } }\n'],
    ['with the line ends of another system', 'a: x\r\nv: 1.0.0\r\n', at(2, 4), 'a: x\r\nv: 2.0.0\r\n'],
    ['at the end of a file without a line end', 'v: 1.0.0', at(1, 4), 'v: 2.0.0'],
  ])('%s, with all else as it was', (_what, text, place, expected) => {
    expect(replaceScalar(text, { at: place, value: '2.0.0' })).toBe(expected);
  });

  it.each([
    ['where no scalar begins', 'a: 1.0.0\n', at(1, 5)],
    ['in an alias', 'a: &x 1.0.0\nb: *x\n', at(2, 4)],
    ['in a block of text', 'a: |\n  1.0.0\n', at(1, 4)],
    ['beyond the end', 'a: 1\n', at(9, 1)],
  ])('not %s', (_what, text, place) => {
    expect(replaceScalar(text, { at: place, value: '2.0.0' })).toBeUndefined();
  });
});
