import { invariant } from '../../core/assert.js';
import type { Observation } from '../../rollout/types.js';
import { waitForGate } from './gate-wait.js';
import { rollBack } from './roll-back.js';
import type { Rollout } from './start.js';

/** Stops a member that is stepped later; the rest must serve without it. False: it was brought back. */
export async function stopMember(
  rollout: Rollout,
  request: {
    readonly host: string;
    readonly state: {
      readonly before: Observation;
      readonly pending: readonly string[];
      readonly stopped: readonly string[];
    };
  },
): Promise<boolean> {
  const { ensemble, members } = rollout;
  const { host, state } = request;
  const { before, pending, stopped } = state;
  invariant(ensemble.stop, `${ensemble.title} has no way to stop a member`);
  const performed = await members.perform(host, ensemble.stop(host));
  const failed = (said: string, seconds: number): Promise<void> =>
    rollBack(rollout, {
      hosts: [host],
      stopped,
      before,
      pending,
      gate: { kind: 'failed', unmet: [{ host, condition: 'it can be stopped', said }], seconds },
      during: 'step',
    });
  if (performed.kind === 'failed') {
    await failed(performed.said, 0);
    return false;
  }
  const { deadlineSeconds } = ensemble.timing;
  const gate = {
    phase: 'step',
    stepped: [],
    pending,
    stopped: [...stopped, host],
    before,
    inARow: 1,
    deadlineSeconds,
  } as const;
  const waited = await waitForGate(rollout, gate);
  if (waited.kind === 'holds') return true;
  await rollBack(rollout, { hosts: [host], stopped, before, pending, gate: waited, during: 'step' });
  return false;
}
