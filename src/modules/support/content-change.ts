import type { Change } from '../types.js';

/** Larger files are told by size and checksum, not by a diff. */
export const diffLimit = 256 * 1024;

/**
 * The change of a file's content: with both texts for a diff when they are text and small enough, otherwise by size.
 * `before` undefined: there is no file yet; null: there is one whose content was not read.
 */
export function contentChange(options: {
  readonly path: string;
  readonly before: Buffer | undefined | null;
  readonly after: Buffer | { readonly size: number };
}): Change {
  const { path, before, after } = options;
  const size = Buffer.isBuffer(after) ? after.length : after.size;
  const summary = { ...(before ? { before: `${before.length} bytes` } : {}), after: `${size} bytes` };
  if (before === null || !Buffer.isBuffer(after)) return { part: 'content', ...summary };
  const old = before === undefined ? '' : textOf(before);
  const fresh = textOf(after);
  if (old === undefined || fresh === undefined) return { part: 'content', ...summary };
  const beforeName = before === undefined ? '/dev/null' : path;
  return { part: 'content', ...summary, diff: { before: old, after: fresh, beforeName, afterName: path } };
}

/** The bytes as text; undefined when they are too many, hold NUL or are not UTF-8. */
function textOf(bytes: Buffer): string | undefined {
  if (bytes.length > diffLimit || bytes.includes(0)) return undefined;
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : undefined;
}
