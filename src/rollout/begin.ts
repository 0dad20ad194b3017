import { unmetWords } from './gate.js';
import { healthyCount, standingInTheWay, wentDown, type StillToCome } from './standing.js';
import type { Ensemble, Observation, Refusal } from './types.js';

/**
 * Why nothing is stepped now: the gate does not hold for another reason than members that are about to be stepped. An
 * ensemble below its quorum is judged by the order alone: it may be one that is only now being made.
 */
export function beginRefusal(
  ensemble: Ensemble,
  start: StillToCome & { readonly observation: Observation },
): Refusal | undefined {
  const { observation } = start;
  if (healthyCount(observation) < ensemble.quorum) return undefined;
  const [first, ...more] = standingInTheWay(observation, start);
  if (first === undefined) return undefined;
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
  return {
    ...(first.host === undefined ? {} : { host: first.host }),
    message: `${ensemble.title} is not well: ${unmetWords(first)}${others}`,
    hint: wentDown(observation, start).some(({ host }) => host === first.host)
      ? 'it served when the rollout began: see why it does not; once that is known run again, and it goes first'
      : 'mend it first, then run again',
  };
}
