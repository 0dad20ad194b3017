import { UnreachableError } from '../core/errors.js';
import { InputError } from '../core/diagnostic.js';
import type { PlannedPlay } from '../plan/types.js';
import { EvaluationError } from '../template/errors.js';
import { outerFrame, runBatch } from './batch.js';
import { builtinLayer } from './builtins.js';
import type { PlayResult } from './events.js';
import { layerOfFailure } from './failure-layer.js';
import { loseHost } from './finish.js';
import { restoreDueHandlers } from './handlers.js';
import { judge, textKeyword } from './keywords.js';
import { blockLayer } from './layers.js';
import { type BatchState, type Failure, type PlayHost, type PlayState, withLayers } from './play-state.js';
import type { RunState } from './run-state.js';
import { Semaphore } from './semaphore.js';
import { settleAll } from './settle.js';
import { evaluateWithFacts, hostScope } from './task-scope.js';
import { walk } from './walk.js';

/** What later plays have to know of a play that is over. */
export interface PlayOutcome {
  readonly result: PlayResult;
  /** Hosts later plays do without. */
  readonly lost: ReadonlySet<string>;
  /** Plays that need this one do not run. */
  readonly blocks: boolean;
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
  const skip = (reason: string, blocks: boolean): PlayOutcome => {
    run.bus.emit({ kind: 'play-skipped', play: planned.name, reason });
    return { result: 'skipped', lost: lostBefore, blocks };
  };
  if (planned.hosts.length === 0) return skip('no host matches', false);
  const left = planned.hosts.filter((name) => !lostBefore.has(name) && !run.host(name).unreachable);
  if (left.length === 0) return skip('no host is left: all failed or were unreachable before', true);
  const play = createPlay({ ...options, left });
  restoreDueHandlers(play);
  run.bus.emit({ kind: 'play-start', play: planned.name, hosts: left });
  await prepareHosts(play);
  if (play.lost.size === 0 && [...play.hosts.values()].every((host) => host.ended))
    return skip('its condition holds on no host', false);
  const walked = await runBatches(play);
  if (play.lost.size > 0 || play.stopped !== undefined) await runOnFailure(play, walked);
  if (play.stopped !== undefined)
    run.bus.emit({ kind: 'message', level: 'error', text: `"${planned.name}" was stopped: ${play.stopped}` });
  const result = resultOf(play);
  run.bus.emit({ kind: 'play-end', play: planned.name, result, milliseconds: run.clock.now() - started });
  const lost = new Set([...lostBefore, ...play.lost].filter((name) => !play.cleared.has(name)));
  return { result, lost, blocks: play.stopped !== undefined || result === 'cancelled' };
}

function createPlay(options: {
  readonly run: RunState;
  readonly planned: PlannedPlay;
  readonly left: readonly string[];
  readonly leftOut: ReadonlySet<string>;
}): PlayState {
  const { run, planned, left, leftOut } = options;
  const hosts = new Map<string, PlayHost>();
  const { forks } = planned.play;
  const play: PlayState = {
    run,
    planned,
    hosts,
    handlers: [...planned.play.handlers],
    leftOut,
    lost: new Set(),
    cleared: new Set(),
    stopped: undefined,
    ended: false,
    batch: emptyBatch,
    forks: forks === undefined ? undefined : new Semaphore(forks),
    warnedAboutRunOnce: false,
  };
  for (const name of left) {
    const state = run.host(name);
    hosts.set(name, {
      state,
      failure: undefined,
      ended: false,
      roleEnded: false,
      notified: new Map(),
      rolesDone: new Set(),
      varsFiles: [],
      builtins: builtinLayer({ run, planned, state, play: () => play }),
    });
  }
  return play;
}

const emptyBatch: BatchState = { number: 0, hosts: [], once: new Map(), throttles: new Map() };

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
    for (const templated of planned.play.varsFiles) {
      const scope = hostScope({ state, run, play: planned.play, varsFiles: host.varsFiles, builtins });
      const file = await evaluate(() => textKeyword(templated, scope));
      if (file === undefined) continue;
      host.varsFiles = [...host.varsFiles, blockLayer(run.request.includes.variables({ file, play: planned.play }))];
    }
    const scope = hostScope({ state, run, play: planned.play, varsFiles: host.varsFiles, builtins });
    const verdict = await evaluate(() => judge(planned.play.when, scope));
    if (typeof verdict === 'object' && 'failed' in verdict) host.ended = true;
  } catch (error) {
    if (error instanceof UnreachableError) loseHost({ play, host, error });
    else if (error instanceof EvaluationError) throw new InputError([error.diagnostic]);
    else throw error;
  }
}

/** Gives every host that was walked: a stopped rollout leaves the later batches untouched. */
async function runBatches(play: PlayState): Promise<readonly PlayHost[]> {
  const { run, planned } = play;
  const walked: PlayHost[] = [];
  for (const [index, names] of planned.batches.entries()) {
    if (play.stopped !== undefined || play.ended || run.halted) break;
    const hosts = names
      .flatMap((name) => play.hosts.get(name) ?? [])
      .filter((host) => !host.ended && !host.state.unreachable);
    if (hosts.length === 0) continue;
    play.batch = { number: index + 1, hosts, once: new Map(), throttles: new Map() };
    run.bus.emit({
      kind: 'batch-start',
      play: planned.name,
      number: index + 1,
      count: planned.batches.length,
      hosts: hosts.map((host) => host.state.name),
    });
    walked.push(...hosts);
    await runBatch(play);
    await runGate(play);
    if (!run.halted && hosts.every((host) => play.lost.has(host.state.name))) {
      play.stopped ??= planned.batches.length > 1 ? `every host of batch ${index + 1} failed` : 'every host failed';
    }
  }
  return walked;
}

/** `gate`: what must hold on the batch before the next one begins. */
async function runGate(play: PlayState): Promise<void> {
  const { gate } = play.planned.play;
  if (gate.length === 0 || play.stopped !== undefined) return;
  const lostBefore = play.lost.size;
  await walk(gate, play.batch.hosts, outerFrame(play, 'gate'));
  if (play.lost.size > lostBefore) play.stopped ??= `the gate after batch ${play.batch.number} did not hold`;
}

/** `on_failure`: on every reachable host that was walked, also the failed ones; they stay failed. */
async function runOnFailure(play: PlayState, walked: readonly PlayHost[]): Promise<void> {
  const { onFailure } = play.planned.play;
  if (onFailure.length === 0 || play.run.request.options.preview) return;
  play.batch = { number: 0, hosts: walked, once: new Map(), throttles: new Map() };
  const failures = new Map<PlayHost, Failure | undefined>(walked.map((host) => [host, host.failure]));
  const locals = new Map(
    [...failures].map(([host, failure]) => [host, failure?.kind === 'task' ? [layerOfFailure(failure)] : []]),
  );
  for (const host of walked) host.failure = undefined;
  await walk(onFailure, walked, withLayers(outerFrame(play, 'on_failure'), { locals }));
  for (const [host, failure] of failures) host.failure = failure;
}

function resultOf(play: PlayState): PlayResult {
  if (play.run.request.signal.aborted) return 'cancelled';
  if (play.stopped !== undefined) return 'stopped';
  return play.lost.size > 0 ? 'failed' : 'done';
}
