import type { Diagnostics } from '../core/diagnostic.js';
import { type LocatedEntry, entryOf } from '../syntax/located.js';
import { readBatchSize } from './batch-size.js';
import { readMap, readText } from './fields.js';
import type { Ensemble } from './types.js';

/** `ensemble: {kind, max_unavailable, …}`; what else it says belongs to the kind. */
export function readEnsemble(entry: LocatedEntry, diagnostics: Diagnostics): Ensemble | undefined {
  const map = readMap(entry, diagnostics);
  if (map === undefined) return undefined;
  const kindEntry = entryOf(map, 'kind');
  if (kindEntry === undefined) {
    diagnostics.error({ code: 'missing-key', message: '`ensemble` needs the key `kind`', span: map.span });
    return undefined;
  }
  const kind = readText(kindEntry, diagnostics);
  const limit = entryOf(map, 'max_unavailable');
  const maxUnavailable =
    limit === undefined ? { kind: 'count' as const, count: 1 } : readBatchSize(limit, { diagnostics, least: 1 });
  if (kind === undefined || maxUnavailable === undefined) return undefined;
  const settings = {
    ...map,
    entries: map.entries.filter((each) => each.key !== 'kind' && each.key !== 'max_unavailable'),
  };
  return { kind, maxUnavailable, span: map.span, settings };
}
