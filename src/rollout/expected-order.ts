import { nextStep } from './order.js';
import type { Ensemble, MemberState, Observation, Progress, Refusal, Step } from './types.js';

/** What a rollout is going to do as far as it can be told now. */
export interface ExpectedOrder {
  readonly steps: readonly Extract<Step, { kind: 'apply' | 'stop' }>[];
  /** Where it would go no further. */
  readonly refusal?: Refusal;
}

/** Plays a rollout through in thought: every step succeeds, and a leader that goes is followed by another member. */
export function expectedOrder(ensemble: Ensemble, start: Progress): ExpectedOrder {
  const steps: ExpectedOrder['steps'][number][] = [];
  let progress = start;
  // A stop and an apply for each host at most: a kind that never ends is cut off.
  for (let turn = 0; turn < 2 * start.pending.length; turn++) {
    const step = nextStep(ensemble, progress);
    if (step.kind === 'done') break;
    if (step.kind === 'refuse') return { steps, refusal: step.refusal };
    steps.push(step);
    progress = after(progress, step);
  }
  return { steps };
}

function after(progress: Progress, step: ExpectedOrder['steps'][number]): Progress {
  const { observation, pending, done, stopped } = progress;
  if (step.kind === 'stop') {
    const gone = { healthy: false, leads: false, said: 'stopped for the hand-over' };
    return { ...progress, observation: changed(observation, [step.host], gone), stopped: [...stopped, step.host] };
  }
  const { hosts } = step;
  return {
    ...progress,
    observation: changed(observation, hosts, { healthy: true, present: true, leads: false, said: 'stepped' }),
    pending: pending.filter((host) => !hosts.includes(host)),
    stopped: stopped.filter((host) => !hosts.includes(host)),
    done: [...done, ...hosts],
  };
}

/** The members with some of them changed; when the leader is among those, the first other healthy one follows it. */
function changed(observation: Observation, hosts: readonly string[], state: Partial<MemberState>): Observation {
  const led = observation.members.some(({ host, leads }) => leads && hosts.includes(host));
  const members = observation.members.map((member) => (hosts.includes(member.host) ? { ...member, ...state } : member));
  const heir = led
    ? (members.find(({ host, healthy }) => healthy && !hosts.includes(host)) ?? members.find(({ healthy }) => healthy))
    : undefined;
  if (!heir) return { ...observation, members, unmet: [] };
  return {
    ...observation,
    members: members.map((member) => (member === heir ? { ...member, leads: true } : member)),
    unmet: [],
    leader: heir.host,
  };
}
