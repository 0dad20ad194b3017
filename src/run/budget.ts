import type { BatchSize } from '../playbook/types.js';
import type { Frame, PlayState } from './play-state.js';

/**
 * Stops the rollout once more hosts are lost than max_failures allows, counted over the whole play: "more", not "as
 * many". Hosts under way run only their `always` parts.
 */
export function checkBudget(frame: Frame): void {
  const { play } = frame;
  const { maxFailures } = play.planned.play;
  if (!maxFailures || play.stopped !== undefined) return;
  if (!isExceeded(maxFailures, { lost: play.lost.size, all: play.planned.hosts.length })) return;
  play.stopped = `${play.lost.size} of ${play.planned.hosts.length} hosts failed, max_failures allows ${shown(maxFailures)}`;
  halt(play);
}

/** Takes every host of the batch out, except where it already has a failure of its own. */
function halt(play: PlayState): void {
  for (const host of play.batch.hosts) host.failure ??= { kind: 'stopped', task: {}, result: null };
}

export function isExceeded(limit: BatchSize, counts: { readonly lost: number; readonly all: number }): boolean {
  return limit.kind === 'count' ? counts.lost > limit.count : counts.lost * 100 > limit.percent * counts.all;
}

function shown(limit: BatchSize): string {
  return limit.kind === 'count' ? String(limit.count) : `${limit.percent} %`;
}
