import { UnreachableError } from '../core/errors.js';
import { InputError } from '../core/diagnostic.js';
import type { PlannedPlay } from '../plan/types.js';
import { EvaluationError } from '../template/errors.js';
import { outerFrame } from './batch.js';
import { runBatches } from './batches.js';
import { confirmHosts } from './confirm.js';
import { createPlay } from './create-play.js';
import { conditionHoldsNowhere, type PlayResult } from './events.js';
import { layerOfFailure } from './failure-layer.js';
import { loseHost } from './finish.js';
import { restoreDueHandlers } from './handlers.js';
import { judge } from './keywords.js';
import { type Failure, type PlayHost, type PlayState, withLayers } from './play-state.js';
import { runRollout } from './rollout/roll.js';
import type { RunState } from './run-state.js';
import { settleAll } from './settle.js';
import { evaluateWithFacts, hostScope } from './task-scope.js';
import { readVarsFiles } from './vars-files.js';
import { walk } from './walk.js';

/** What later plays have to know of a play that is over. */
export interface PlayOutcome {
  readonly result: PlayResult;
  /** Hosts later plays do without. */
  readonly lost: ReadonlySet<string>;
  /** Which later plays do not run: those that come after it in the graph, or only those that name it in their `needs`. */
  readonly blocks: 'following' | 'naming' | 'none';
}

/** Runs one play on the hosts that are left, batch by batch. Throws what ends the whole run. */
export async function runPlay(options: {
  readonly run: RunState;
  readonly planned: PlannedPlay;
  /** Hosts that earlier plays lost. */
  readonly lostBefore: ReadonlySet<string>;
  readonly leftOut: ReadonlySet<string>;
}): Promise<PlayOutcome> {
  const { run, planned, lostBefore } = options;
  const started = run.clock.now();
  const skip = (reason: string, blocks: PlayOutcome['blocks']): PlayOutcome => {
    run.bus.emit({ kind: 'play-skipped', play: planned.name, reason });
    return { result: 'skipped', lost: lostBefore, blocks };
  };
  if (planned.hosts.length === 0) return skip('no host matches', 'none');
  const left = planned.hosts.filter((name) => !lostBefore.has(name) && !run.host(name).unreachable);
  // As in Ansible the plays below go on with their hosts; not so past an ensemble, which others stand on.
  if (left.length === 0)
    return skip(
      'no host is left: all failed or were unreachable before',
      planned.play.ensemble === undefined ? 'naming' : 'following',
    );
  const play = createPlay({ ...options, left });
  restoreDueHandlers(play);
  run.bus.emit({ kind: 'play-start', play: planned.name, hosts: left });
  await prepareHosts(play);
  if (play.lost.size === 0 && [...play.hosts.values()].every((host) => host.ended))
    return skip(conditionHoldsNowhere, 'none');
  const walked = planned.play.ensemble === undefined ? await runBatches(play) : await runRollout(play);
  if (play.lost.size > 0 || play.stopped !== undefined) await runOnFailure(play, walked);
  if (play.stopped !== undefined)
    run.bus.emit({ kind: 'message', level: 'error', text: `"${planned.name}" was stopped: ${play.stopped}` });
  const result = resultOf(play);
  run.bus.emit({ kind: 'play-end', play: planned.name, result, milliseconds: run.clock.now() - started });
  const lost = new Set([...lostBefore, ...play.lost].filter((name) => !play.cleared.has(name)));
  const isOver = play.stopped !== undefined || result === 'cancelled';
  return { result, lost, blocks: isOver ? 'following' : 'none' };
}

/** Reads vars_files and judges the play's condition for each host. A mistake there is one in the files: it ends the run. */
async function prepareHosts(play: PlayState): Promise<void> {
  const { varsFiles, when } = play.planned.play;
  if (varsFiles.length === 0 && when.length === 0) return;
  await settleAll([...play.hosts.values()].map(async (host) => prepareHost(play, host)));
}

async function prepareHost(play: PlayState, host: PlayHost): Promise<void> {
  const { run, planned } = play;
  const { state, builtins } = host;
  const evaluate = async <T>(action: () => T): Promise<T> => evaluateWithFacts({ run, host: state.name, action });
  try {
    host.varsFiles = await readVarsFiles({ run, planned, state, builtins });
    const scope = hostScope({ state, run, play: planned.play, varsFiles: host.varsFiles, builtins });
    const verdict = await evaluate(() => judge(planned.play.when, scope));
    if (typeof verdict === 'object' && 'failed' in verdict) host.ended = true;
  } catch (error) {
    if (error instanceof UnreachableError) loseHost({ play, host, error });
    else if (error instanceof EvaluationError) throw new InputError([error.diagnostic]);
    else throw error;
  }
}

/** `on_failure`: on every reachable host that was walked, also the failed ones; they stay failed. */
async function runOnFailure(play: PlayState, walked: readonly PlayHost[]): Promise<void> {
  const { onFailure } = play.planned.play;
  if (onFailure.length === 0 || play.run.request.options.preview) return;
  play.batch = { number: 0, hosts: walked, once: new Map(), onceFailed: new Map(), throttles: new Map() };
  const failures = new Map<PlayHost, Failure | undefined>(walked.map((host) => [host, host.failure]));
  const locals = new Map(
    [...failures].map(([host, failure]) => [host, failure?.kind === 'task' ? [layerOfFailure(failure)] : []]),
  );
  for (const host of walked) host.failure = undefined;
  await walk(onFailure, walked, withLayers(outerFrame(play, 'on_failure'), { locals }));
  await confirmHosts(walked, play);
  for (const [host, failure] of failures) host.failure = failure;
}

function resultOf(play: PlayState): PlayResult {
  if (play.run.request.signal.aborted) return 'cancelled';
  if (play.stopped !== undefined) return 'stopped';
  return play.lost.size > 0 ? 'failed' : 'done';
}
