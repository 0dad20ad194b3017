import type { Ensemble, MemberState, Observation, Progress } from '../../../src/rollout/types.js';

export const three: Ensemble = {
  title: 'ZooKeeper',
  members: ['node1', 'node2', 'node3'],
  quorum: 2,
  timing: { inARow: 3, intervalSeconds: 1, deadlineSeconds: 60 },
  look: () => ({ raw: '', masked: '' }),
  observe: () => ({ members: [], unmet: [] }),
};

export function member(host: string, state: Partial<MemberState> = {}): MemberState {
  const usual = { present: true, healthy: true, leads: host === 'node1', said: 'follows' };
  return { host, ...usual, ...state };
}

export function down(host: string): MemberState {
  return member(host, { healthy: false, leads: false, said: 'the connection is refused' });
}

export function observed(...members: readonly MemberState[]): Observation {
  const unmet = members.flatMap(({ host, healthy, said }) => (healthy ? [] : [{ host, condition: 'it serves', said }]));
  return { members, unmet };
}

export const allWell = observed(member('node1'), member('node2'), member('node3'));

export function progress(observation: Observation, changes: Partial<Progress> = {}): Progress {
  const pending = observation.members.map(({ host }) => host);
  return { observation, before: observation, pending, done: [], stopped: [], maxUnavailable: 1, ...changes };
}
