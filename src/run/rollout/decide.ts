import { beginRefusal } from '../../rollout/begin.js';
import { nextStep } from '../../rollout/order.js';
import type { Observation, Progress, Step } from '../../rollout/types.js';
import { waitForGate } from './gate-wait.js';
import type { Rollout } from './start.js';

/** Where a rollout stands, without what the live ensemble says. */
export type Standing = Omit<Progress, 'observation'>;

/**
 * Asks the live ensemble and decides what comes next. What would be refused is asked once more after a while: a leader
 * may be under election. Throws AskRefused, CancelledError.
 */
export async function decide(
  rollout: Rollout,
  request: { readonly standing: Standing; readonly patienceSeconds: number },
): Promise<{ readonly step: Step; readonly observation: Observation }> {
  const { standing, patienceSeconds } = request;
  const first = await ask(rollout, standing);
  if (first.step.kind !== 'refuse') return first;
  const { before, pending, stopped } = standing;
  const gate = { phase: 'begin', stepped: [], pending, stopped, before, inARow: 1 } as const;
  await waitForGate(rollout, { ...gate, deadlineSeconds: patienceSeconds });
  return ask(rollout, standing);
}

async function ask(
  rollout: Rollout,
  standing: Standing,
): Promise<{ readonly step: Step; readonly observation: Observation }> {
  const { ensemble, members } = rollout;
  const observation = await members.observe(standing.before);
  const step = nextStep(ensemble, { ...standing, observation });
  const refusal = step.kind === 'refuse' ? undefined : beginRefusal(ensemble, { ...standing, observation });
  return { step: refusal ? { kind: 'refuse', refusal } : step, observation };
}
