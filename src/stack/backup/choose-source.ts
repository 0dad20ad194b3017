import type { Member } from '../status/types.js';
import type { ZooKeeperState } from '../zookeeper/server-state.js';
import type { ServerCount } from './state.js';

/** A member, and what it said; undefined: its host could not be asked. */
export interface Candidate {
  readonly member: Member;
  readonly count: ServerCount | undefined;
}

type Serving = Extract<ZooKeeperState, { readonly kind: 'serving' }>;

/** Reading the disk slows a server: a follower is spared by clients more easily than the leader, and has the same data. */
const preference: readonly Serving['mode'][] = ['follower', 'standalone', 'leader', 'observer'];

/** Whose data is copied: of those that serve, a follower first, and of equals the one that has seen most. Undefined: nobody serves. */
export function chooseSource(
  candidates: readonly Candidate[],
): { readonly member: Member; readonly state: Serving; readonly ephemerals: number | undefined } | undefined {
  const serving = candidates.flatMap(({ member, count }) =>
    count?.state.kind === 'serving' ? [{ member, state: count.state, ephemerals: count.ephemerals }] : [],
  );
  return serving.toSorted(
    (left, right) =>
      preference.indexOf(left.state.mode) - preference.indexOf(right.state.mode) ||
      Number(zxidOf(right.state) - zxidOf(left.state) > 0n) - Number(zxidOf(right.state) - zxidOf(left.state) < 0n),
  )[0];
}

function zxidOf({ zxid }: Serving): bigint {
  return zxid !== undefined && /^0x[0-9a-f]{1,16}$/i.test(zxid) ? BigInt(zxid) : 0n;
}
