import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchesOf, countOf } from '../../../src/plan/batches.js';
import type { BatchSize } from '../../../src/playbook/types.js';

const count = (size: number): BatchSize => ({ kind: 'count', count: size });
const percent = (size: number): BatchSize => ({ kind: 'percent', percent: size });

describe('batches', () => {
  it('take the sizes in turn, the last one repeats: D07', () => {
    expect(batchesOf(['h1', 'h2', 'h3', 'h4'], [count(1), percent(30), count(3)])).toEqual([
      ['h1'],
      ['h2'],
      ['h3', 'h4'],
    ]);
    expect(batchesOf(['a', 'b', 'c', 'd', 'e'], [count(2)])).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  });

  it('are one without sizes, and none without hosts', () => {
    expect(batchesOf(['a', 'b'], [])).toEqual([['a', 'b']]);
    expect(batchesOf([], [count(1)])).toEqual([]);
    expect(batchesOf([], [])).toEqual([]);
  });

  it.each([
    [25, 4, 1],
    [25, 7, 1],
    [25, 8, 2],
    [50, 3, 1],
    [100, 3, 3],
    [1, 10, 1],
    [29, 100, 29],
  ])('of %d %% of %d hosts hold %d', (size, hosts, expected) => {
    expect(countOf(percent(size), hosts)).toBe(expected);
  });

  const sizes = fc.array(
    fc.oneof(fc.integer({ min: 1, max: 50 }).map(count), fc.integer({ min: 1, max: 100 }).map(percent)),
    { maxLength: 5 },
  );
  const hostLists = fc
    .integer({ min: 0, max: 120 })
    .map((all) => Array.from({ length: all }, (_, index) => `h${index}`));

  it('hold every host once, in order, and are never empty', () => {
    fc.assert(
      fc.property(hostLists, sizes, (hosts, serial) => {
        const batches = batchesOf(hosts, serial);
        expect(batches.flat()).toEqual(hosts);
        expect(batches.every((batch) => batch.length > 0)).toBe(true);
      }),
    );
  });

  it('are as large as their size says, but for the last; a percentage is of all hosts and rounds down', () => {
    fc.assert(
      fc.property(hostLists, sizes, (hosts, serial) => {
        const batches = batchesOf(hosts, serial);
        for (const [index, batch] of batches.slice(0, -1).entries()) {
          const size = serial[Math.min(index, serial.length - 1)]!;
          const share = size.kind === 'count' ? size.count : (hosts.length * size.percent) / 100;
          expect(batch.length).toBe(Math.max(1, Math.floor(share)));
        }
      }),
    );
  });
});
