import type { Selection } from './types.js';

/**
 * Whether a step with these tags runs under `--tags` and `--skip-tags`. `always` runs unless it or all `tagged` are skipped,
 * `never` only when one of its other tags (or `never` itself) is asked for; `all`, `tagged` and `untagged` mean sets.
 */
export function selectedByTags(own: readonly string[], selection: Pick<Selection, 'tags' | 'skipTags'>): boolean {
  const wanted = selection.tags.length > 0 ? selection.tags : ['all'];
  const never = own.includes('never');
  const chosen =
    own.includes('always') ||
    own.some((tag) => wanted.includes(tag)) ||
    (wanted.includes('all') && !never) ||
    (wanted.includes('tagged') && own.length > 0 && !never) ||
    (wanted.includes('untagged') && own.length === 0);
  return chosen && !isSkipped(own, selection.skipTags);
}

function isSkipped(own: readonly string[], skip: readonly string[]): boolean {
  if (own.some((tag) => skip.includes(tag))) return true;
  if (own.length > 0 && skip.includes('tagged')) return true;
  if (own.includes('always')) return false;
  return skip.includes('all') || (skip.includes('untagged') && own.length === 0);
}
