import type { Diagnostics } from '../core/diagnostic.js';
import { type LocatedEntry, type LocatedMap, entryOf } from '../syntax/located.js';
import { duration } from '../syntax/reader.js';
import { readBatchSize } from './batch-size.js';
import { readCount, readEntry, readMap, readText } from './fields.js';
import { defined } from './module-step.js';
import type { Ensemble } from './types.js';

/** What every ensemble understands, whatever its kind. */
const ownKeys: ReadonlySet<string> = new Set([
  'kind',
  'max_unavailable',
  'gate_in_a_row',
  'gate_interval',
  'gate_deadline',
]);

/** `ensemble: {kind, max_unavailable, gate_…, …}`; what else it says belongs to the kind. */
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
  const timing = readTiming(map, diagnostics);
  if (kind === undefined || maxUnavailable === undefined) return undefined;
  const settings = { ...map, entries: map.entries.filter((each) => !ownKeys.has(each.key)) };
  return {
    kind,
    kindSpan: kindEntry.value.span,
    maxUnavailable,
    ...defined('maxUnavailableSpan', limit?.value.span),
    timing,
    span: map.span,
    settings,
  };
}

function readTiming(map: LocatedMap, diagnostics: Diagnostics): Ensemble['timing'] {
  const inARow = entryOf(map, 'gate_in_a_row');
  const seconds = (key: string): number | undefined => {
    const entry = entryOf(map, key);
    return entry === undefined ? undefined : readEntry(entry, { reader: duration(), diagnostics });
  };
  return {
    ...defined('inARow', inARow === undefined ? undefined : readCount(inARow, diagnostics)),
    ...defined('intervalSeconds', seconds('gate_interval')),
    ...defined('deadlineSeconds', seconds('gate_deadline')),
  };
}
