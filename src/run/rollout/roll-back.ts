import { unmetWords } from '../../rollout/gate.js';
import { quorumRefusal } from '../../rollout/quorum.js';
import { healthyCount } from '../../rollout/standing.js';
import type { Observation } from '../../rollout/types.js';
import { type GateResult, waitForGate } from './gate-wait.js';
import type { Performed } from './members.js';
import type { Rollout } from './start.js';

/**
 * Brings back what ran before on hosts whose step did not succeed, waits until the ensemble is well again, and stops the
 * rollout with what failed and what became of the roll-back. Throws CancelledError.
 */
export async function rollBack(
  rollout: Rollout,
  request: {
    readonly hosts: readonly string[];
    /** Members that were stopped for a hand-over: they are started again. */
    readonly stopped: readonly string[];
    readonly before: Observation;
    readonly pending: readonly string[];
    /** The gate that did not hold; a task failed otherwise. */
    readonly gate?: Extract<GateResult, { kind: 'failed' }>;
    readonly during: 'step' | 'soak';
  },
): Promise<void> {
  const { play, ensemble } = rollout;
  const { hosts, stopped, before } = request;
  const failure = failureWords(request);
  for (const name of hosts) {
    play.lost.add(name);
    play.run.host(name).failed = true;
  }
  play.run.refused = true;
  play.stopped = failure;
  const said: string[] = [];
  const gone: string[] = [];
  for (const host of [...hosts, ...stopped]) {
    const cost = costOfGoingBack(rollout, { ...request, host });
    if (cost === undefined) gone.push(host);
    said.push(cost ?? (await bringBack(rollout, { host, reason: failure })));
    play.stopped = `${failure}; ${said.join('; ')}`;
  }
  // Nothing was done that could change what the gate said last.
  if (gone.length === 0) return;
  const pending = request.pending.filter((host) => !stopped.includes(host));
  const { deadlineSeconds } = ensemble.timing;
  const well = await waitForGate(rollout, {
    phase: 'roll-back',
    stepped: gone,
    pending,
    before,
    inARow: 1,
    deadlineSeconds,
  });
  play.stopped = `${failure}; ${said.join('; ')}; ${wellWords(rollout, well)}`;
}

/** Starts members again that were stopped for a hand-over which is not gone on with. Throws CancelledError. */
export async function startAgain(rollout: Rollout, stopped: readonly string[]): Promise<void> {
  const { play } = rollout;
  const reason = play.stopped ?? 'the rollout goes no further';
  const said: string[] = [];
  for (const host of stopped) {
    said.push(await bringBack(rollout, { host, reason }));
    play.stopped = `${reason}; ${said.join('; ')}`;
  }
}

/**
 * Going back is a restart too: a member that serves is left as it is when others went down meanwhile and the ensemble
 * could not do without it. What was kept stays for the next run. Undefined: it may go back.
 */
function costOfGoingBack(
  rollout: Rollout,
  request: { readonly host: string; readonly stopped: readonly string[]; readonly gate?: GateResult },
): string | undefined {
  const { host, stopped, gate } = request;
  if (stopped.length > 0 || gate?.kind !== 'failed' || gate.observation === undefined) return undefined;
  const refusal = quorumRefusal(rollout.ensemble, { observation: gate.observation, hosts: [host] });
  return refusal === undefined ? undefined : `${host} serves and was not rolled back, because ${refusal.message}`;
}

async function bringBack(rollout: Rollout, of: { readonly host: string; readonly reason: string }): Promise<string> {
  const { play, ensemble, members } = rollout;
  const { host, reason } = of;
  const { bus } = play.run;
  const common = { kind: 'rollout-roll-back', play: play.planned.name, host } as const;
  bus.emit({ ...common, state: 'begins', message: reason });
  const performed: Performed = ensemble.rollBack
    ? await members.perform(host, ensemble.rollBack(host))
    : { kind: 'failed', said: `${ensemble.title} has no way back` };
  const words =
    performed.kind === 'done' ? `${host} was rolled back` : `${host} could not be rolled back: ${performed.said}`;
  bus.emit({ ...common, state: performed.kind, message: words });
  return words;
}

function failureWords(request: {
  readonly hosts: readonly string[];
  readonly gate?: Extract<GateResult, { kind: 'failed' }>;
  readonly during: 'step' | 'soak';
}): string {
  const { hosts, gate, during } = request;
  if (gate === undefined) return `the step of ${hosts.join(', ')} failed`;
  const unmet = gate.unmet.map(unmetWords).join('; ');
  return during === 'soak'
    ? `the gate broke ${gate.seconds} s after the step of ${hosts.join(', ')}: ${unmet}`
    : `the gate after ${hosts.join(', ')} did not hold within ${gate.seconds} s: ${unmet}`;
}

function wellWords(rollout: Rollout, gate: GateResult): string {
  const { title, members } = rollout.ensemble;
  return gate.kind === 'holds'
    ? `${title} is well again: ${healthyCount(gate.observation)} of ${members.length} serve`
    : `${title} is not well yet: ${gate.unmet.map(unmetWords).join('; ')}`;
}
