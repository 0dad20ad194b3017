import type { Diagnostic } from '../core/diagnostic.js';
import { didYouMean } from '../core/suggest.js';
import type { LocatedMap } from '../syntax/located.js';
import type { EnsembleKind } from './types.js';

/** Settings that a kind does not have. */
export function unknownSettings(kind: EnsembleKind, settings: LocatedMap): readonly Diagnostic[] {
  const known = Object.keys(kind.settings);
  const all = [...known, 'max_unavailable', 'gate_in_a_row', 'gate_interval', 'gate_deadline'];
  return settings.entries
    .filter(({ key }) => !known.includes(key))
    .map(({ key, keySpan }) => ({
      severity: 'error',
      code: 'unknown-key',
      message: `an ensemble of kind \`${kind.name}\` has no setting \`${key}\``,
      span: keySpan,
      hint: didYouMean(key, all) ?? `it has ${all.join(', ')}`,
    }));
}
