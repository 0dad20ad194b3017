import type { BatchSize } from '../playbook/types.js';

/**
 * Hosts by batch: the sizes of `serial` in turn, the last one repeats. A percentage is of all hosts of the play, rounded
 * down, at least 1. Without sizes all hosts are one batch.
 */
export function batchesOf(hosts: readonly string[], serial: readonly BatchSize[]): readonly (readonly string[])[] {
  if (hosts.length === 0) return [];
  const batches: (readonly string[])[] = [];
  let from = 0;
  while (from < hosts.length) {
    const size = serial[Math.min(batches.length, serial.length - 1)];
    const count = size === undefined ? hosts.length : countOf(size, hosts.length);
    batches.push(hosts.slice(from, from + count));
    from += count;
  }
  return batches;
}

/** How many of `all` hosts a size means, at least 1. */
export function countOf(size: BatchSize, all: number): number {
  const count = size.kind === 'count' ? size.count : Math.floor((size.percent * all) / 100);
  return Math.max(1, count);
}
