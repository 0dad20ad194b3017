import type { PlannedPlay } from '../plan/types.js';
import { withNewHosts } from './members.js';
import { settleAll } from './settle.js';
import { type PlayOutcome, runPlay } from './play.js';
import type { RunState } from './run-state.js';

/**
 * Runs all plays: each as soon as the plays it needs are over, so plays that do not need each other run at the same
 * time. A host that a play lost is missing in the plays that need it; a play that was stopped takes those with it.
 */
export async function runGraph(options: {
  readonly run: RunState;
  readonly leftOut: ReadonlySet<string>;
  readonly startAtPlay: string | undefined;
}): Promise<readonly PlayOutcome[]> {
  const { run, leftOut, startAtPlay } = options;
  const outcomes = new Map<string, Promise<PlayOutcome>>();
  let reached = startAtPlay === undefined;
  for (const planned of run.request.plan.plays) {
    reached ||= planned.name === startAtPlay;
    const needs = planned.needs.flatMap((name) => outcomes.get(name) ?? []);
    outcomes.set(
      planned.name,
      reached ? startWhenReady({ run, planned, needs, leftOut }) : Promise.resolve(leftOutPlay),
    );
  }
  return settleAll([...outcomes.values()]);
}

const leftOutPlay: PlayOutcome = { result: 'skipped', lost: new Set(), blocks: 'none' };

async function startWhenReady(options: {
  readonly run: RunState;
  readonly planned: PlannedPlay;
  readonly needs: readonly Promise<PlayOutcome>[];
  readonly leftOut: ReadonlySet<string>;
}): Promise<PlayOutcome> {
  const { run, planned, needs, leftOut } = options;
  const before = await Promise.all(needs);
  const isNaming = planned.play.needs !== undefined;
  const blocked = before.findIndex(({ blocks }) => blocks === 'following' || (blocks === 'naming' && isNaming));
  const lostBefore = lostOf(before);
  if (blocked >= 0 || run.halted) {
    const reason =
      blocked >= 0 ? `it needs "${planned.needs[blocked] ?? ''}", which was not done` : 'the run was stopped';
    run.bus.emit({ kind: 'play-skipped', play: planned.name, reason });
    return { result: 'skipped', lost: lostBefore, blocks: 'following' };
  }
  try {
    return await runPlay({ run, planned: withNewHosts(run, planned), lostBefore, leftOut });
  } catch (error) {
    run.fail(error);
    return { result: 'stopped', lost: lostBefore, blocks: 'following' };
  }
}

/** Hosts that any of the needed plays lost. */
function lostOf(outcomes: readonly PlayOutcome[]): ReadonlySet<string> {
  return new Set(outcomes.flatMap((outcome) => [...outcome.lost]));
}
