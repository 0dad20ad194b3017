import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandRanges } from '../../../src/inventory/ranges.js';

function names(text: string): readonly string[] {
  const expansion = expandRanges(text);
  if (expansion.kind === 'problem') throw new Error(expansion.message);
  return expansion.names;
}

describe('a range', () => {
  it.each([
    ['node', ['node']],
    ['n[01:03]', ['n01', 'n02', 'n03']],
    ['n[8:11]', ['n8', 'n9', 'n10', 'n11']],
    ['n[098:101]', ['n098', 'n099', 'n100', 'n101']],
    ['s[2:4:2]', ['s2', 's4']],
    ['s[1:9:3].x', ['s1.x', 's4.x', 's7.x']],
    ['db-[a:c].x', ['db-a.x', 'db-b.x', 'db-c.x']],
    ['db-[A:E:2]', ['db-A', 'db-C', 'db-E']],
    ['r[a:b]-[1:2]', ['ra-1', 'ra-2', 'rb-1', 'rb-2']],
    ['n[3:3]', ['n3']],
    ['n[0:1]', ['n0', 'n1']],
  ])('%s expands', (text, expected) => {
    expect(names(text)).toEqual(expected);
  });

  it.each([
    ['n[1]', 'is no range'],
    ['n[]', 'is no range'],
    ['n[a:3]', 'is no range'],
    ['n[1:]', 'is no range'],
    ['n[3:1]', 'counts down'],
    ['n[c:a]', 'counts down'],
    ['n[a:C]', 'mixes small letters and capitals'],
    ['n[01:100]', 'same number of digits'],
    ['n[1:9:0]', 'at least 1'],
    ['n[1:99999999999999999999]', 'more than 100000 hosts'],
    ['n[1:1000][1:1000]', 'more than 100000 hosts'],
  ])('%s is refused', (text, message) => {
    expect(expandRanges(text)).toEqual({ kind: 'problem', message: expect.stringContaining(message) });
  });

  it('of numbers has each number of its steps once, in order, as wide as it is written', () => {
    const range = fc.record({
      first: fc.nat(500),
      more: fc.nat(200),
      step: fc.integer({ min: 1, max: 20 }),
      padded: fc.boolean(),
    });
    fc.assert(
      fc.property(range, ({ first, more, step, padded }) => {
        const last = first + more;
        const width = padded ? String(last).length + 1 : 0;
        const write = (value: number): string => String(value).padStart(width, '0');
        const expanded = names(`a[${write(first)}:${write(last)}:${step}]b`);
        const expected: string[] = [];
        for (let value = first; value <= last; value += step) expected.push(`a${write(value)}b`);
        expect(expanded).toEqual(expected);
      }),
    );
  });

  it('never throws, whatever is written', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('[', ']', ':', '0', '1', '9', 'a', 'Z', '-', '.') }), (text) => {
        expandRanges(text);
      }),
    );
  });
});
