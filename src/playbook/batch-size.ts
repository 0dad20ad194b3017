import type { Diagnostics } from '../core/diagnostic.js';
import type { Located, LocatedEntry } from '../syntax/located.js';
import { readEach, wrongType } from './fields.js';
import type { BatchSize } from './types.js';

/** The sizes of `serial`: a number, a percentage, or a list of them. */
export function readBatchSizes(entry: LocatedEntry | undefined, diagnostics: Diagnostics): readonly BatchSize[] {
  if (entry === undefined) return [];
  return readEach(entry).flatMap((item) => readBatchSize(item, { diagnostics, least: 1 }) ?? []);
}

/** A number of hosts of at least `least`, or a percentage such as "25%". */
export function readBatchSize(
  entry: LocatedEntry,
  options: { readonly diagnostics: Diagnostics; readonly least: number },
): BatchSize | undefined {
  const { diagnostics, least } = options;
  const size = sizeOf(entry.value);
  const number = size?.kind === 'count' ? size.count : size?.percent;
  if (size !== undefined && number !== undefined && number >= least) return size;
  return wrongType(entry, { expected: `a number of hosts from ${least} on or a percentage like "25%"`, diagnostics });
}

/** A bare number as a percentage: Ansible's `max_fail_percentage: 25`. */
export function readPercentage(entry: LocatedEntry, diagnostics: Diagnostics): number | undefined {
  const size = sizeOf(entry.value);
  const percent = size?.kind === 'count' ? size.count : size?.percent;
  if (percent !== undefined && percent <= 100) return percent;
  return wrongType(entry, { expected: 'a percentage', diagnostics });
}

function sizeOf(located: Located): BatchSize | undefined {
  if (located.kind !== 'scalar') return undefined;
  const { value } = located;
  if (typeof value === 'number')
    return Number.isInteger(value) && value >= 0 ? { kind: 'count', count: value } : undefined;
  const match = typeof value === 'string' ? /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(value.trim()) : null;
  if (match === null) return undefined;
  const number = Number(match[1]);
  if (match[2] === '%') return number <= 100 ? { kind: 'percent', percent: number } : undefined;
  return Number.isInteger(number) ? { kind: 'count', count: number } : undefined;
}
