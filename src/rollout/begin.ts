import { unmetWords } from './gate.js';
import { healthyCount, standingInTheWay } from './standing.js';
import type { Ensemble, Observation, Refusal } from './types.js';

/**
 * Why nothing is stepped now: the gate does not hold for another reason than members that are about to be stepped. An
 * ensemble below its quorum is judged by the order alone: it may be one that is only now being made.
 */
export function beginRefusal(
  ensemble: Ensemble,
  start: {
    readonly observation: Observation;
    readonly pending: readonly string[];
    readonly stopped?: readonly string[] | undefined;
  },
): Refusal | undefined {
  const { observation, pending, stopped } = start;
  if (healthyCount(observation) < ensemble.quorum) return undefined;
  const [first, ...more] = standingInTheWay(observation, { pending, stopped });
  if (first === undefined) return undefined;
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
  return {
    ...(first.host === undefined ? {} : { host: first.host }),
    message: `${ensemble.title} is not well: ${unmetWords(first)}${others}`,
    hint: 'mend it first, then run again',
  };
}
