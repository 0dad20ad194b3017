import type { Edit } from './edited-file.js';
import { compilePattern } from './regular-expression.js';

export interface BlockWish {
  readonly block: string;
  readonly state: 'present' | 'absent';
  /** `{mark}` stands for BEGIN and END. */
  readonly marker: string;
  readonly marker_begin: string;
  readonly marker_end: string;
  readonly insertafter?: string | undefined;
  readonly insertbefore?: string | undefined;
}

/** Puts a block of lines between two marker lines, or takes it and the markers away. */
export function editBlock(text: string, wish: BlockWish): Edit {
  const begin = wish.marker.replaceAll('{mark}', wish.marker_begin);
  const end = wish.marker.replaceAll('{mark}', wish.marker_end);
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const { first, last } = lastBlock(lines, { begin, end });
  const isThere = last !== -1;
  const block = wish.block.replace(/\n$/, '');
  const isRemoved = wish.state === 'absent' || block === '';
  if (isRemoved && !isThere) return { text };
  const fresh = isRemoved ? [] : [begin, ...block.split('\n'), end];
  const at = isThere ? first : insertionPoint(lines, wish);
  const result = [...lines.slice(0, at), ...fresh, ...lines.slice(isThere ? last + 1 : at)];
  return { text: result.length === 0 ? '' : `${result.join('\n')}\n` };
}

/**
 * The last block: an end with the nearest beginning above it. A marker without its other half is a line like any other, so that
 * what stands between it and a block further down is never taken for the block's own.
 */
function lastBlock(
  lines: readonly string[],
  { begin, end }: { readonly begin: string; readonly end: string },
): { readonly first: number; readonly last: number } {
  for (let last = lines.lastIndexOf(end); last > 0; last = lines.lastIndexOf(end, last - 1)) {
    const first = lines.lastIndexOf(begin, last - 1);
    if (first > lines.lastIndexOf(end, last - 1)) return { first, last };
  }
  return { first: -1, last: -1 };
}

function insertionPoint(lines: readonly string[], { insertafter, insertbefore }: BlockWish): number {
  if (insertbefore === 'BOF' || insertafter === 'BOF') return 0;
  const mark = insertbefore ?? insertafter;
  if (mark === undefined || mark === 'EOF') return lines.length;
  const expression = compilePattern(mark);
  const index = lines.findLastIndex((line) => expression.test(line));
  if (index === -1) return lines.length;
  return insertbefore === undefined ? index + 1 : index;
}
