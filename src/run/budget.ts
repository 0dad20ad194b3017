import type { BatchSize } from '../playbook/types.js';
import type { Frame, PlayState } from './play-state.js';

/**
 * Stops the rollout once more hosts are lost than allowed: `max_failures` counts over the whole play, Ansible's
 * `max_fail_percentage` over the batch. "More", not "as many". Hosts under way run only their `always` parts.
 */
export function checkBudget(frame: Frame): void {
  const { play } = frame;
  const { maxFailures, maxFailPercentage } = play.planned.play;
  if (play.stopped !== undefined) return;
  const lost = { lost: play.lost.size, all: play.planned.hosts.length };
  if (maxFailures && isExceeded(maxFailures, lost)) {
    play.stopped = `${lost.lost} of ${lost.all} hosts failed, max_failures allows ${shown(maxFailures)}`;
  }
  const { hosts } = play.batch;
  const lostHere = { lost: hosts.filter((host) => play.lost.has(host.state.name)).length, all: hosts.length };
  if (maxFailPercentage !== undefined && isExceeded({ kind: 'percent', percent: maxFailPercentage }, lostHere)) {
    play.stopped ??= `${lostHere.lost} of ${lostHere.all} hosts of the batch failed, max_fail_percentage allows ${maxFailPercentage} %`;
  }
  if (play.stopped !== undefined) halt(play);
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
