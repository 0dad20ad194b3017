import type { Observation } from '../../rollout/types.js';
import { takeThrough } from '../batches.js';
import type { PlayHost } from '../play-state.js';
import { settleAll } from '../settle.js';
import { waitForGate } from './gate-wait.js';
import { refuse } from './refuse.js';
import { rollBack } from './roll-back.js';
import type { Rollout } from './start.js';

/**
 * One step: keeps what a roll-back needs, takes the hosts through the whole play, and waits for the gate. What fails is
 * rolled back. Throws CancelledError, AskRefused.
 */
export async function takeStep(
  rollout: Rollout,
  step: {
    readonly hosts: readonly PlayHost[];
    readonly number: number;
    readonly before: Observation;
    /** Hosts still to come after this step. */
    readonly pending: readonly string[];
    readonly stopped: readonly string[];
  },
): Promise<'holds' | 'rolled-back' | 'refused' | 'cancelled'> {
  const { play, ensemble } = rollout;
  const { hosts, number, before, pending, stopped } = step;
  const names = hosts.map(({ state }) => state.name);
  if (!(await keep(rollout, names))) return 'refused';
  if (play.run.halted) return 'cancelled';
  play.rolling = true;
  await takeThrough(play, { hosts, number });
  play.rolling = false;
  // What is half done stays as it is, with what was kept: the next run goes on from there.
  if (play.run.halted) return 'cancelled';
  const failed = names.filter((name) => play.lost.has(name));
  if (failed.length > 0) {
    await rollBack(rollout, { hosts: failed, stopped, before, pending, during: 'step' });
    return 'rolled-back';
  }
  const { inARow, deadlineSeconds } = ensemble.timing;
  const gate = await waitForGate(rollout, {
    phase: 'step',
    stepped: names,
    pending,
    stopped,
    before,
    inARow,
    deadlineSeconds,
  });
  if (gate.kind === 'holds') return 'holds';
  const named = names.filter((name) => gate.unmet.some(({ host }) => host === name));
  const toRollBack = named.length > 0 ? named : names;
  await rollBack(rollout, { hosts: toRollBack, stopped, before, pending, gate, during: 'step' });
  return 'rolled-back';
}

async function keep(rollout: Rollout, hosts: readonly string[]): Promise<boolean> {
  const { play, ensemble, members } = rollout;
  const { keep: script } = ensemble;
  if (!script) return true;
  const kept = await settleAll(
    hosts.map(async (host) => ({ host, performed: await members.perform(host, script(host)) })),
  );
  for (const { host, performed } of kept) {
    if (performed.kind === 'done' || play.run.halted) continue;
    refuse(play, {
      host,
      message: `${ensemble.title}: what a roll-back of ${host} needs cannot be kept: ${performed.said}`,
    });
    return false;
  }
  return true;
}

/** Takes away what was kept on hosts that are proved. */
export async function forget(rollout: Rollout, hosts: readonly string[]): Promise<void> {
  const { play, ensemble, members } = rollout;
  const { forget: script } = ensemble;
  if (!script) return;
  await settleAll(
    hosts.map(async (host) => {
      const performed = await members.perform(host, script(host));
      if (performed.kind === 'done' || play.run.halted) return;
      const text = `${host}: what the step kept could not be taken away: ${performed.said}`;
      play.run.bus.emit({ kind: 'message', level: 'warning', text });
    }),
  );
}
