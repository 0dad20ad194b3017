import { CancelledError } from '../../core/errors.js';
import { beginRefusal } from '../../rollout/begin.js';
import { expectedOrder } from '../../rollout/expected-order.js';
import { isNotThere } from '../../rollout/standing.js';
import type { Observation, Progress } from '../../rollout/types.js';
import { runBatches, takeThrough } from '../batches.js';
import type { PlayHost, PlayState } from '../play-state.js';
import { countOfEnsemble } from './gate-wait.js';
import { AskRefused } from './members.js';
import { refuse } from './refuse.js';
import { rehearse } from './rehearse.js';
import { type Rollout, startRollout } from './start.js';
import { takeSteps } from './steps.js';

/**
 * Takes the hosts of a play with an ensemble through it without ever breaking the quorum; gives the hosts that were
 * walked. Hosts where nothing differs go together, the others step by step with proof between the steps. An ensemble of
 * which nothing is there yet is brought up on all its hosts at once.
 */
export async function runRollout(play: PlayState): Promise<readonly PlayHost[]> {
  const { run, planned } = play;
  const rollout = await startRollout(play);
  const tell = (text: string): void => run.bus.emit({ kind: 'rollout-ask', play: planned.name, text });
  tell(`asking ${rollout.ensemble.title} who leads and who serves`);
  try {
    const observation = await rollout.members.observe();
    if (isNotThere(observation, rollout.members.answered)) return await bringUp(rollout, observation);
    if (run.request.options.preview) return await previewed(rollout, observation);
    tell('asking what would change');
    return await roll(rollout, observation);
  } catch (error) {
    if (error instanceof CancelledError) return [];
    if (!(error instanceof AskRefused)) throw error;
    refuse(play, {
      host: error.host,
      message: `${rollout.ensemble.title} cannot be asked on ${error.host}: ${error.message}`,
    });
    return [];
  }
}

async function bringUp(rollout: Rollout, observation: Observation): Promise<readonly PlayHost[]> {
  tellPlan(rollout, { observation, way: 'bring-up', pending: [], steps: [], unchanged: [] });
  return runBatches(rollout.play);
}

/** A preview: every host is looked at as ever; then whose turn it would be, and what would be refused. */
async function previewed(rollout: Rollout, observation: Observation): Promise<readonly PlayHost[]> {
  const { play } = rollout;
  const walked = await runBatches(play);
  if (play.run.halted) return walked;
  const isStep = ({ state, differs, notified }: PlayHost): boolean =>
    differs || notified.size > 0 || isUnfinished(observation, state.name);
  const pending = namesOf(walked.filter(isStep));
  const progress = progressOf(rollout, { observation, pending });
  const order = expectedOrder(rollout.ensemble, progress);
  const unchanged = namesOf(walked.filter((host) => !isStep(host)));
  tellPlan(rollout, { observation, way: 'steps', pending, steps: order.steps, unchanged });
  if (pending.length === 0) return walked;
  const own = rollout.ensemble.refusals?.(observation, pending) ?? [];
  const begin = order.refusal ?? beginRefusal(rollout.ensemble, { observation, before: observation, pending });
  for (const refusal of own.length === 0 && begin ? [begin] : own) refuse(play, refusal);
  return walked;
}

async function roll(rollout: Rollout, observation: Observation): Promise<readonly PlayHost[]> {
  const { play } = rollout;
  const { run } = play;
  const hosts = [...play.hosts.values()].filter((host) => !host.ended && !host.state.unreachable);
  const forecastOf = await rehearse(play, hosts);
  if (run.halted) return [];
  const differs = hosts.filter((host) => forecastOf(host) === 'differs' || isUnfinished(observation, host.state.name));
  // A proof of the play that fails anyway is told by the task itself; beside real steps its host is one of them.
  const steps =
    differs.length === 0 ? [] : hosts.filter((host) => differs.includes(host) || forecastOf(host) === 'fails');
  const unchanged = hosts.filter((host) => !steps.includes(host));
  const pending = namesOf(steps);
  const progress = progressOf(rollout, { observation, pending });
  tellPlan(rollout, {
    observation,
    way: 'steps',
    pending,
    steps: expectedOrder(rollout.ensemble, progress).steps,
    unchanged: namesOf(unchanged),
  });
  if (unchanged.length > 0) await takeThrough(play, { hosts: unchanged, number: 1 });
  if (steps.length === 0 || run.halted || play.ended || play.stopped !== undefined) return unchanged;
  const failed = unchanged.find(({ state }) => state.failed);
  if (failed) {
    refuse(play, { host: failed.state.name, message: `${failed.state.name}, where nothing was to change, failed` });
    return unchanged;
  }
  const walked = await takeSteps(rollout, { pending, batches: unchanged.length > 0 ? 1 : 0 });
  return [...unchanged, ...walked];
}

function progressOf(
  rollout: Rollout,
  start: { readonly observation: Observation; readonly pending: readonly string[] },
): Progress {
  const { maxUnavailable, play } = rollout;
  const bringUp = play.run.request.options.rollout?.bringUp ?? false;
  return { ...start, before: start.observation, done: [], stopped: [], maxUnavailable, bringUp };
}

function tellPlan(
  rollout: Rollout,
  plan: {
    readonly observation: Observation;
    readonly way: 'bring-up' | 'steps';
    readonly pending: readonly string[];
    readonly steps: ReturnType<typeof expectedOrder>['steps'];
    readonly unchanged: readonly string[];
  },
): void {
  const { run, planned } = rollout.play;
  run.bus.emit({
    kind: 'rollout-plan',
    play: planned.name,
    ensemble: countOfEnsemble(rollout, plan.observation),
    way: plan.way,
    pending: plan.pending,
    steps: plan.steps.map((step) => ({
      action: step.kind,
      hosts: step.kind === 'apply' ? step.hosts : [step.host],
      why: step.why,
    })),
    unchanged: plan.unchanged,
  });
}

function isUnfinished(observation: Observation, host: string): boolean {
  return observation.members.some((member) => member.host === host && member.unfinished === true);
}

function namesOf(hosts: readonly PlayHost[]): readonly string[] {
  return hosts.map(({ state }) => state.name);
}
