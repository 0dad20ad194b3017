import type { MemberReply, MemberState, Observation, Unmet } from '../../rollout/types.js';
import { ModuleFailure } from '../../modules/types.js';
import type { ValueMap } from '../../template/value.js';
import type { Mount, ZooKeeperSeen } from './zookeeper-look.js';
import { parseZooKeeperLook } from './zookeeper-look.js';
import type { ZooKeeperMember } from './zookeeper-members.js';

/** One member with what its host told; `reason` when nothing was told. */
interface Heard {
  readonly member: ZooKeeperMember;
  readonly seen?: ZooKeeperSeen;
  readonly reason?: string;
}

/** What the answers of all members mean: one leader, all others in sync with it. */
export function observeZooKeeper(
  members: readonly ZooKeeperMember[],
  replies: ReadonlyMap<string, MemberReply>,
): Observation {
  const heard = members.map((member) => hear(member, replies.get(member.host)));
  const leaders = heard.filter(({ seen }) => modeOf(seen) === 'leader' || modeOf(seen) === 'standalone');
  const leader = leaders.length === 1 ? leaders[0] : undefined;
  const unmet = [...heard.flatMap((each) => memberUnmet(each, heard.length)), ...ensembleUnmet(heard)];
  return {
    members: heard.map((each) => stateOf(each, heard.length)),
    unmet,
    ...(leader === undefined ? {} : { leader: leader.member.host }),
    baseline: Object.fromEntries(
      heard.flatMap(({ member, seen }) => (seen === undefined ? [] : [[member.host, detailsOf(seen)]])),
    ),
  };
}

function hear(member: ZooKeeperMember, reply: MemberReply | undefined): Heard {
  if (reply === undefined) return { member, reason: 'it was not asked' };
  if (reply.kind === 'unreached') return { member, reason: reply.reason };
  try {
    return { member, seen: parseZooKeeperLook(reply.reply) };
  } catch (error) {
    if (error instanceof ModuleFailure) return { member, reason: error.message };
    throw error;
  }
}

function modeOf(seen: ZooKeeperSeen | undefined): string | undefined {
  return seen?.state.kind === 'serving' ? seen.state.mode : undefined;
}

/** A host that could not be asked may well have one. A member that is only now being made cannot be missed. */
function isPresent(seen: ZooKeeperSeen | undefined): boolean {
  return seen === undefined || seen.container !== undefined || seen.state.kind !== 'silent';
}

function stateOf({ member, seen, reason }: Heard, size: number): MemberState {
  const mode = modeOf(seen);
  const version = seen?.state.kind === 'serving' ? seen.state.version : undefined;
  const identity = seen?.data?.myid === '' ? undefined : seen?.data?.myid;
  return {
    host: member.host,
    present: isPresent(seen),
    healthy: mode === 'leader' || mode === 'follower' || (mode === 'standalone' && size === 1),
    leads: mode === 'leader' || (mode === 'standalone' && size === 1),
    said: seen === undefined ? `could not be asked: ${reason ?? ''}` : saidBy(seen),
    ...(identity === undefined ? {} : { identity }),
    ...(seen?.unfinished === true ? { unfinished: true } : {}),
    ...(version === undefined ? {} : { version }),
  };
}

const doing: Readonly<Record<string, string>> = {
  leader: 'leads',
  follower: 'follows',
  observer: 'observes',
  standalone: 'runs alone',
};

function saidBy({ state, container, readOnly, complaint }: ZooKeeperSeen): string {
  if (state.kind === 'serving') {
    const version = state.version === undefined ? '' : `, ${state.version}`;
    return `${doing[state.mode] ?? state.mode}${version}${readOnly ? ', read only' : ''}`;
  }
  if (state.kind === 'not-serving') return 'runs but does not serve: it has no quorum or is electing';
  if (container === undefined) return `is not there: no container, and ${state.reason}`;
  const words = complaint === undefined ? '' : `; its log says: ${complaint.slice(-300)}`;
  if (container.status === 'running') return `runs, but does not answer: ${state.reason}${words}`;
  return `is down: its container is ${container.status} (code ${container.exitCode})${words}`;
}

function memberUnmet(heard: Heard, size: number): readonly Unmet[] {
  const { member, seen } = heard;
  const { host } = member;
  const said = stateOf(heard, size).said;
  const mode = modeOf(seen);
  if (!isPresent(seen)) return [];
  if (size === 1) return mode === 'standalone' ? [] : [{ host, condition: 'it serves', said }];
  if (mode === 'standalone') return [{ host, condition: 'it is part of the ensemble', said }];
  if (mode === undefined) return [{ host, condition: 'it leads or follows', said }];
  return seen?.readOnly === true ? [{ host, condition: 'it takes writes', said }] : [];
}

function ensembleUnmet(heard: readonly Heard[]): readonly Unmet[] {
  if (heard.length === 1 || !heard.some(({ seen }) => isPresent(seen))) return [];
  const leaders = heard.filter(({ seen }) => modeOf(seen) === 'leader');
  const [leader] = leaders;
  if (leader === undefined || leaders.length > 1) {
    const names = leaders.map(({ member }) => member.host).join(' and ');
    return [{ condition: 'exactly one member leads', said: names === '' ? 'none leads' : `${names} lead` }];
  }
  const voters = heard.filter(({ seen }) => isPresent(seen) && modeOf(seen) !== 'observer').length;
  return inSync(leader, { heard, followers: voters - 1 });
}

/** The leader knows who is in sync; where it may not tell, all must have come into the same epoch. */
function inSync(
  leader: Heard,
  { heard, followers }: { readonly heard: readonly Heard[]; readonly followers: number },
): readonly Unmet[] {
  const { host } = leader.member;
  const synced = leader.seen?.monitor.get('zk_synced_followers');
  const pending = leader.seen?.monitor.get('zk_pending_syncs') ?? 0;
  if (synced !== undefined) {
    return [
      // More than these may follow while members leave or join.
      ...(synced >= followers
        ? []
        : [{ host, condition: `${followers} followers are in sync`, said: `the leader counts ${synced}` }]),
      ...(pending === 0 ? [] : [{ host, condition: 'no sync is pending', said: `the leader counts ${pending}` }]),
    ];
  }
  const epochs = new Set(heard.flatMap(({ seen }) => epochOf(seen) ?? []));
  return epochs.size <= 1
    ? []
    : [{ condition: 'all members are in one epoch', said: `there are ${[...epochs].join(', ')}` }];
}

function epochOf(seen: ZooKeeperSeen | undefined): string | undefined {
  const zxid = seen?.state.kind === 'serving' ? seen.state.zxid : undefined;
  return zxid === undefined || !/^0x[0-9a-f]+$/i.test(zxid) ? undefined : String(BigInt(zxid) >> 32n);
}

/** What a refusal needs to know of a member. */
export interface ZooKeeperDetails extends ValueMap {
  /** Something answers on its port although there is no container of that name. */
  readonly foreign: boolean;
  /** Where a container's data lies on the host; null: nowhere, or there is no container that runs. */
  readonly data: string | null;
  /** Whether it is known where its data lies. */
  readonly dataKnown: boolean;
  /** Only a log of transactions, no snapshot. */
  readonly young: boolean;
  /** Its own list of servers by id; null when it is not known. */
  readonly servers: Readonly<Record<string, string>> | null;
}

function detailsOf({ state, container, config, data }: ZooKeeperSeen): ZooKeeperDetails {
  const dataDir = config?.dataDir;
  const dataKnown = container !== undefined && dataDir !== undefined && container.status === 'running';
  return {
    foreign: container === undefined && state.kind !== 'silent',
    data: dataKnown ? (sourceOf(dataDir, container.mounts) ?? null) : null,
    dataKnown,
    young: data !== undefined && data.logs > 0 && data.snapshots === 0,
    servers: config === undefined ? null : Object.fromEntries(config.servers),
  };
}

/** The folder of the host behind a path inside a container: by the mount that lies nearest above it. */
export function sourceOf(path: string, mounts: readonly Mount[]): string | undefined {
  const above = mounts
    .filter(({ destination }) => path === destination || path.startsWith(`${destination.replace(/\/$/, '')}/`))
    .sort((left, right) => right.destination.length - left.destination.length)[0];
  return above === undefined ? undefined : `${above.source}${path.slice(above.destination.length)}`.replace(/\/$/, '');
}
