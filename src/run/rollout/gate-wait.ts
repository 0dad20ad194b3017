import { changedIdentities, unmetAfter } from '../../rollout/gate.js';
import { healthyCount } from '../../rollout/standing.js';
import type { Observation, Unmet } from '../../rollout/types.js';
import type { EnsembleCount, RunEvent } from '../events.js';
import { AskRefused } from './members.js';
import type { Rollout } from './start.js';

type GateEvent = Extract<RunEvent, { kind: 'rollout-gate' }>;

export interface GateRequest {
  readonly phase: GateEvent['phase'];
  /** Hosts that were just stepped. */
  readonly stepped: readonly string[];
  /** Hosts still to be stepped: what is wrong with them does not count. */
  readonly pending: readonly string[];
  /** Of those, the ones that were stopped for a hand-over: the rest must be well without them. */
  readonly stopped?: readonly string[] | undefined;
  readonly before: Observation;
  readonly deadlineSeconds: number;
  readonly inARow: number;
}

export type GateResult =
  | { readonly kind: 'holds'; readonly observation: Observation }
  | {
      readonly kind: 'failed';
      readonly unmet: readonly Unmet[];
      readonly seconds: number;
      /** The last one; undefined when the members could not be asked. */
      readonly observation?: Observation;
    };

/**
 * Asks the live ensemble until its gate held so many times in a row, or the deadline is over. A member that is somebody
 * else than before ends it at once. Throws CancelledError.
 */
export async function waitForGate(rollout: Rollout, request: GateRequest): Promise<GateResult> {
  const { ensemble, members, play } = rollout;
  const { clock, request: of } = play.run;
  const { before, deadlineSeconds, inARow } = request;
  const started = clock.now();
  const tell = teller(rollout, { request, started });
  let good = 0;
  for (;;) {
    let observation: Observation;
    try {
      observation = await members.observe(before);
    } catch (error) {
      if (!(error instanceof AskRefused)) throw error;
      const unmet = [{ host: error.host, condition: 'it can be asked', said: error.message }];
      return { kind: 'failed', unmet, seconds: secondsSince(clock.now(), started) };
    }
    const changed = changedIdentities(before, observation);
    const unmet = changed.length > 0 ? changed : unmetAfter({ observation, ...request });
    good = unmet.length === 0 ? good + 1 : 0;
    const isOver = changed.length > 0 || clock.now() - started >= deadlineSeconds * 1000;
    const state = good >= inARow ? 'holds' : isOver && good === 0 ? 'failed' : 'waiting';
    tell({ observation, state, good, unmet });
    if (state === 'holds') return { kind: 'holds', observation };
    if (state === 'failed') return { kind: 'failed', unmet, seconds: secondsSince(clock.now(), started), observation };
    await clock.sleep(ensemble.timing.intervalSeconds * 1000, of.signal);
  }
}

/** Asks for so many seconds whether the gate holds all the time; gives what broke it. Throws CancelledError. */
export async function soak(
  rollout: Rollout,
  request: Omit<GateRequest, 'phase' | 'deadlineSeconds' | 'inARow'> & { readonly seconds: number },
): Promise<GateResult> {
  const { ensemble, members, play } = rollout;
  const { clock } = play.run;
  const started = clock.now();
  const tell = teller(rollout, { request: { ...request, phase: 'soak', inARow: 0 }, started });
  for (let good = 1; ; good++) {
    const observation = await members.observe(request.before);
    const unmet = [...changedIdentities(request.before, observation), ...unmetAfter({ observation, ...request })];
    const isOver = clock.now() - started >= request.seconds * 1000;
    const state = unmet.length > 0 ? 'failed' : isOver ? 'holds' : 'waiting';
    tell({ observation, state, good, unmet });
    if (state === 'failed') return { kind: 'failed', unmet, seconds: secondsSince(clock.now(), started), observation };
    if (state === 'holds') return { kind: 'holds', observation };
    await clock.sleep(ensemble.timing.intervalSeconds * 1000, play.run.request.signal);
  }
}

/** An ensemble in numbers, as events carry it. */
export function countOfEnsemble(rollout: Pick<Rollout, 'ensemble'>, observation: Observation): EnsembleCount {
  const { title, members, quorum } = rollout.ensemble;
  const leader = observation.leader ?? observation.members.find(({ leads }) => leads)?.host;
  return {
    title,
    members: members.length,
    healthy: healthyCount(observation),
    quorum,
    ...(leader === undefined ? {} : { leader }),
  };
}

function teller(
  rollout: Rollout,
  of: { readonly request: Pick<GateRequest, 'phase' | 'stepped' | 'inARow'>; readonly started: number },
): (seen: Pick<GateEvent, 'state' | 'good' | 'unmet'> & { readonly observation: Observation }) => void {
  const { run, planned } = rollout.play;
  const { phase, stepped, inARow } = of.request;
  return ({ observation, ...seen }) =>
    run.bus.emit({
      kind: 'rollout-gate',
      play: planned.name,
      ensemble: countOfEnsemble(rollout, observation),
      hosts: stepped,
      phase,
      inARow,
      ...seen,
      milliseconds: run.clock.now() - of.started,
    });
}

function secondsSince(now: number, started: number): number {
  return Math.round((now - started) / 1000);
}
