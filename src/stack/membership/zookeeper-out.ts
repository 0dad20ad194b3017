import type { Refusal } from '../../rollout/types.js';
import { listed } from '../status/words.js';
import { evenSizeRefusal, restartRefusal, sizeWords } from './sizes.js';
import { type Allowances, type MembershipPlan, type MembershipStep, refused } from './types.js';
import {
  currentMembers,
  listVariables,
  type NumberedMember,
  reconfigOffProblem,
  serverLine,
  strangers,
  unknownServers,
  type ZooKeeperView,
} from './zookeeper-view.js';

/**
 * Brings servers in, one after the other: only then any majority of the old list and any of the new one have a server in
 * common, whatever the network does meanwhile. Each comes up with the full list, then the others are restarted with it,
 * the leader last; with reconfig on, the ensemble takes it in without a restart (ZooKeeper admin guide, "Upgrading to
 * 3.5.0" and "Dynamic reconfiguration").
 */
export function zookeeperScaleOut(view: ZooKeeperView, hosts: readonly string[], allow: Allowances): MembershipPlan {
  const current = currentMembers(view);
  const joining = hosts.filter((host) => !current.some((member) => member.host === host && member.healthy));
  const old = current.filter(({ host }) => !joining.includes(host));
  const size = old.length + joining.length;
  const refusals = [
    ...strangers(view, hosts),
    ...unknownServers(view),
    ...reconfigOffProblem(view),
    ...sizeRefusals({ old, joining, size, allow, view }),
    ...joining.flatMap((host) => oldData(view, host)),
  ];
  if (refusals.length > 0) return refused(...refusals);
  const ids = numbered(view, { current, joining });
  const collisions = [...ids].flatMap(([host, id]) => collision(host, { id, ids }));
  if (collisions.length > 0) return refused(...collisions);
  const steps = joining.flatMap((host, position) => {
    const later = joining.slice(position + 1);
    const members = view.members.flatMap((member) => {
      const id = ids.get(member.host);
      return id === undefined || later.includes(member.host) ? [] : [{ ...member, id }];
    });
    return view.reconfig ? joinByReconfig({ host, members, later, view }) : joinByRestarts({ host, members, later });
  });
  return { kind: 'steps', steps, ids, notes: notesOf({ old, joining, size, view, steps }) };
}

type Numbered = Pick<NumberedMember, 'host' | 'id' | 'address'>;

function joinByRestarts(join: {
  readonly host: string;
  readonly members: readonly Numbered[];
  readonly later: readonly string[];
}): readonly MembershipStep[] {
  const { host, members, later } = join;
  const others = members.filter((member) => member.host !== host).map((member) => member.host);
  return [
    {
      kind: 'apply',
      component: 'zookeeper',
      hosts: [host, ...others],
      joins: [host],
      without: later,
      variables: listVariables(members),
      why: `${host} joins as server ${idOf(members, host)} with the list of ${members.length}; then ${listed(others)} ${others.length === 1 ? 'takes' : 'take'} the list one by one, the leader last`,
    },
  ];
}

function joinByReconfig(join: {
  readonly host: string;
  readonly members: readonly Numbered[];
  readonly later: readonly string[];
  readonly view: ZooKeeperView;
}): readonly MembershipStep[] {
  const { host, members, later, view } = join;
  const own = members.find((member) => member.host === host);
  const other = members.find((member) => member.host !== host);
  if (own === undefined || other === undefined) return [];
  return [
    {
      kind: 'apply',
      component: 'zookeeper',
      hosts: [host],
      joins: [host],
      without: later,
      variables: listVariables(members),
      why: `${host} starts as server ${own.id} with the present list and itself: it follows without a vote`,
    },
    {
      kind: 'reconfig',
      component: 'zookeeper',
      host: other.host,
      change: { add: serverLine(own, view) },
      without: later,
      why: `the ensemble takes server ${own.id} in; nothing is restarted`,
    },
  ];
}

/** A joining server keeps the number the inventory gives it; else it gets the next one that nobody has. */
function numbered(
  view: ZooKeeperView,
  { current, joining }: { readonly current: readonly NumberedMember[]; readonly joining: readonly string[] },
): ReadonlyMap<string, number> {
  const ids = new Map(current.map(({ host, id }) => [host, id]));
  let highest = Math.max(0, ...view.listed.map(({ id }) => id), ...view.wantedIds.values());
  for (const host of joining) {
    if (ids.has(host)) continue;
    const wanted = view.wantedIds.get(host);
    ids.set(host, wanted ?? (highest += 1));
  }
  return ids;
}

function collision(
  host: string,
  { id, ids }: { readonly id: number; readonly ids: ReadonlyMap<string, number> },
): readonly Refusal[] {
  const other = [...ids].find(([name, taken]) => name !== host && taken === id)?.[0];
  if (other === undefined || other > host) return [];
  return [
    {
      host,
      message: `${host} and ${other} would both be server ${id}`,
      hint: 'give one of them another `zookeeper_myid`',
    },
  ];
}

function sizeRefusals(options: {
  readonly old: readonly NumberedMember[];
  readonly joining: readonly string[];
  readonly size: number;
  readonly allow: Allowances;
  readonly view: ZooKeeperView;
}): readonly Refusal[] {
  const { old, joining, size, allow, view } = options;
  if (joining.length === 0) return [];
  if (old.length <= 1) {
    return [
      {
        message:
          'a ZooKeeper that runs alone becomes an ensemble by a restart that interrupts it: there is nobody to take over',
        hint: 'take a backup and a moment without clients, then `runner apply -e zookeeper_membership_change=true` with all servers in the inventory',
      },
    ];
  }
  const down = old.filter(({ healthy }) => !healthy).map(({ host, said }) => `${host} is down: ${said}`);
  const even = evenSizeRefusal(size, { title: 'ZooKeeper', force: allow.force });
  const restart = view.reconfig
    ? undefined
    : restartRefusal({
        title: 'ZooKeeper',
        size: old.length + 1,
        healthy: old.length - down.length + 1,
        down,
        force: allow.force,
      });
  const serving = old.length - down.length < Math.floor(old.length / 2) + 1;
  return [
    ...(even === undefined ? [] : [even]),
    ...(restart === undefined ? [] : [restart]),
    ...(serving ? [{ message: `ZooKeeper does not serve: ${down.join(', ')}`, hint: 'bring it back first' }] : []),
  ];
}

function oldData(view: ZooKeeperView, host: string): readonly Refusal[] {
  if (!view.holdData.includes(host)) return [];
  // One that follows without a vote has come by the same command, which was cut off before the ensemble took it in.
  const isAsked = view.reconfig && view.members.some((member) => member.host === host && member.healthy);
  if (isAsked) return [];
  return [
    {
      host,
      message: `${host} holds ZooKeeper's data of an earlier life: a server that joins begins with an empty folder`,
      hint: 'move the data folder away on that host if nobody needs it',
    },
  ];
}

function notesOf(options: {
  readonly old: readonly NumberedMember[];
  readonly joining: readonly string[];
  readonly size: number;
  readonly view: ZooKeeperView;
  readonly steps: readonly MembershipStep[];
}): readonly string[] {
  const { old, joining, size, view } = options;
  if (joining.length === 0) return ['Nothing to do: they are members already.'];
  const elections = view.reconfig
    ? 'no election'
    : `${joining.length === 1 ? 'one election' : `${joining.length} elections`}, about a second without service each`;
  return [`${sizeWords(old.length)}; ${sizeWords(size)}. Expected: ${elections}.`];
}

function idOf(members: readonly Numbered[], host: string): number | string {
  return members.find((member) => member.host === host)?.id ?? '?';
}
