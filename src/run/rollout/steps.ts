import { CancelledError } from '../../core/errors.js';
import type { Observation, Step } from '../../rollout/types.js';
import type { RunEvent } from '../events.js';
import type { PlayHost } from '../play-state.js';
import { decide, type Standing } from './decide.js';
import { countOfEnsemble, soak } from './gate-wait.js';
import { refuse } from './refuse.js';
import { rollBack, startAgain } from './roll-back.js';
import type { Rollout } from './start.js';
import { forget, takeStep } from './step.js';
import { stopMember } from './stop-member.js';

/** How long an ensemble that is not well before the first step may take to be: an election may be under way. */
const firstPatienceSeconds = 10;

type Ended = Extract<RunEvent, { kind: 'rollout-end' }>['result'];

/** What a rollout has done so far. */
interface Done {
  readonly before: Observation;
  pending: readonly string[];
  done: readonly string[];
  stopped: readonly string[];
  /** Hosts whose old state is kept until the canary is proved. */
  kept: readonly string[];
  steps: number;
}

/**
 * Takes the pending hosts through the play, step by step, each decided on what the live ensemble says just then. Gives
 * the hosts that were walked. Throws AskRefused.
 */
export async function takeSteps(
  rollout: Rollout,
  start: { readonly pending: readonly string[]; readonly batches: number },
): Promise<readonly PlayHost[]> {
  const { play, ensemble, members } = rollout;
  const before = await members.observe();
  const refusals = ensemble.refusals?.(before, start.pending) ?? [];
  for (const refusal of refusals) refuse(play, refusal);
  const state: Done = { before, pending: start.pending, done: [], stopped: [], kept: [], steps: 0 };
  const walked: PlayHost[] = [];
  const result = refusals.length > 0 ? 'refused' : await walkSteps(rollout, { state, walked, batches: start.batches });
  const { run, planned } = play;
  if (run.halted && !run.request.signal.aborted) play.stopped ??= 'the run was stopped';
  run.bus.emit({
    kind: 'rollout-end',
    play: planned.name,
    ensemble: countOfEnsemble(rollout, before),
    result,
    stepped: state.done,
  });
  return walked;
}

async function walkSteps(
  rollout: Rollout,
  of: { readonly state: Done; readonly walked: PlayHost[]; readonly batches: number },
): Promise<Ended> {
  const { state, walked, batches } = of;
  try {
    for (;;) {
      const next = await decidedStep(rollout, state);
      if (typeof next === 'string') {
        if (next !== 'done') await startAgain(rollout, state.stopped);
        return next;
      }
      const { step } = next;
      tellStep(rollout, { state, ...next });
      state.steps++;
      if (step.kind === 'stop') {
        if (!(await stopMember(rollout, { host: step.host, state }))) return 'rolled-back';
        state.stopped = [...state.stopped, step.host];
        continue;
      }
      const hosts = step.hosts.flatMap((name) => rollout.play.hosts.get(name) ?? []);
      walked.push(...hosts);
      const rest = state.pending.filter((name) => !step.hosts.includes(name));
      const stepped = await takeStep(rollout, {
        hosts,
        number: batches + state.steps,
        before: state.before,
        pending: rest,
        stopped: state.stopped.filter((name) => !step.hosts.includes(name)),
      });
      if (stepped === 'refused') await startAgain(rollout, state.stopped);
      if (stepped !== 'holds') return stepped;
      state.pending = rest;
      state.stopped = state.stopped.filter((name) => !step.hosts.includes(name));
      state.done = [...state.done, ...step.hosts];
      state.kept = [...state.kept, ...step.hosts];
      if (!(await isProved(rollout, state))) return 'rolled-back';
      if (rollout.play.ended) return 'done';
    }
  } catch (error) {
    if (error instanceof CancelledError) return 'cancelled';
    throw error;
  }
}

/** What comes next, once the user agrees; or how the rollout ends. */
async function decidedStep(
  rollout: Rollout,
  state: Done,
): Promise<Ended | { readonly step: Extract<Step, { kind: 'apply' | 'stop' }>; readonly observation: Observation }> {
  const { play, ensemble, maxUnavailable } = rollout;
  const { rollout: wishes = {} } = play.run.request.options;
  const standing: Standing = { ...state, maxUnavailable, bringUp: wishes.bringUp ?? false };
  const patienceSeconds = state.steps === 0 ? firstPatienceSeconds : ensemble.timing.deadlineSeconds;
  let asked = state.steps === 0 || wishes.pause === undefined;
  for (;;) {
    const { step, observation } = await decide(rollout, { standing, patienceSeconds });
    if (step.kind === 'done') return 'done';
    if (step.kind === 'refuse') {
      refuse(play, step.refusal);
      return 'refused';
    }
    if (asked) return { step, observation };
    const hosts = step.kind === 'apply' ? step.hosts : [step.host];
    const count = countOfEnsemble(rollout, observation);
    const question = `${ensemble.title}: ${count.healthy} of ${count.members} serve. Go on with ${hosts.join(', ')}?`;
    if ((await wishes.pause?.(question)) !== true) {
      play.stopped ??= `the user stopped it before ${hosts.join(', ')}`;
      play.run.refused = true;
      return 'stopped';
    }
    // A person takes time to answer: the ensemble is asked again.
    asked = true;
  }
}

/** Whether the canary has proved itself; until then what its step replaced is kept. */
async function isProved(rollout: Rollout, state: Done): Promise<boolean> {
  const { canary = 1, soakSeconds = 0 } = rollout.play.run.request.options.rollout ?? {};
  const { before, pending, done, stopped } = state;
  if (soakSeconds > 0 && state.steps < canary && pending.length > 0) return true;
  const isCanary = soakSeconds > 0 && (state.steps === canary || (state.steps < canary && pending.length === 0));
  if (isCanary) {
    const proved = await soak(rollout, { stepped: done, pending, before, seconds: soakSeconds });
    if (proved.kind === 'failed') {
      await rollBack(rollout, { hosts: state.kept, stopped, before, pending, gate: proved, during: 'soak' });
      return false;
    }
  }
  await forget(rollout, state.kept);
  state.kept = [];
  return true;
}

function tellStep(
  rollout: Rollout,
  of: {
    readonly state: Done;
    readonly step: Extract<Step, { kind: 'apply' | 'stop' }>;
    readonly observation: Observation;
  },
): void {
  const { run, planned } = rollout.play;
  const { state, step, observation } = of;
  const hosts = step.kind === 'apply' ? step.hosts : [step.host];
  run.bus.emit({
    kind: 'rollout-step',
    play: planned.name,
    ensemble: countOfEnsemble(rollout, observation),
    action: step.kind,
    hosts,
    why: step.why,
    number: state.steps + 1,
    left: state.pending.filter((name) => step.kind === 'stop' || !hosts.includes(name)).length,
  });
}
