import type { Refusal } from '../../rollout/types.js';
import { listed } from '../status/words.js';
import { evenSizeRefusal, quorumOf, restartRefusal, sizeWords } from './sizes.js';
import { type Allowances, type MembershipPlan, type MembershipStep, refused } from './types.js';
import {
  currentMembers,
  listVariables,
  type NumberedMember,
  reconfigOffProblem,
  strangers,
  unknownServers,
  type ZooKeeperView,
} from './zookeeper-view.js';

/**
 * Takes servers out, one after the other (see zookeeperScaleOut for why). One that serves keeps serving while the others
 * are restarted with the shorter list, so that nobody is missed; it must not lead then, since those that have the shorter
 * list would not follow it.
 */
export function zookeeperScaleIn(view: ZooKeeperView, hosts: readonly string[], allow: Allowances): MembershipPlan {
  const current = currentMembers(view);
  const leaving = current.filter(({ host }) => hosts.includes(host));
  const staying = current.filter(({ host }) => !hosts.includes(host));
  const leftovers = view.members.filter(
    (member) => hosts.includes(member.host) && member.present && !leaving.some(({ host }) => host === member.host),
  );
  const refusals = [
    ...strangers(view, hosts),
    ...unknownServers(view),
    ...reconfigOffProblem(view),
    ...sizeRefusals({ current, leaving, staying, allow, reconfig: view.reconfig }),
  ];
  if (refusals.length > 0) return refused(...refusals);
  // Those that are down first: they are missed the whole time.
  const order = leaving.toSorted((left, right) => Number(left.healthy) - Number(right.healthy));
  const steps = order.flatMap((leaver, position) => {
    const gone = order.slice(0, position).map(({ host }) => host);
    const later = new Set(order.slice(position + 1));
    const remaining = current.filter((member) => staying.includes(member) || later.has(member));
    const way = { leaver, remaining, without: notIn(view, remaining), before: notIn(view, [...remaining, leaver]) };
    return view.reconfig ? leaveByReconfig(way) : leaveByRestarts(way, { first: gone.length === 0 });
  });
  const retired = leftovers.map(({ host }): MembershipStep => ({
    kind: 'retire',
    component: 'zookeeper',
    host,
    without: notIn(view, staying),
    why: 'no server lists it any more: it stops for good, its data is kept beside',
  }));
  const all = [...steps, ...retired];
  const ids = new Map(staying.map(({ host, id }) => [host, id]));
  const notes =
    all.length === 0
      ? ['Nothing to do: they are no members.']
      : leaving.length === 0
        ? []
        : [`${sizeWords(current.length)}; ${sizeWords(staying.length)}.`];
  return { kind: 'steps', steps: all, ids, notes };
}

interface Way {
  readonly leaver: NumberedMember;
  readonly remaining: readonly NumberedMember[];
  /** Hosts of the group that are no members after it, and before it. */
  readonly without: readonly string[];
  readonly before: readonly string[];
}

function leaveByRestarts(way: Way, { first }: { readonly first: boolean }): readonly MembershipStep[] {
  const { leaver, remaining, without, before } = way;
  const hosts = remaining.map(({ host }) => host);
  return [
    // After another has left anybody may lead: the step itself looks, and does nothing for a follower.
    ...(leaver.healthy && (leaver.leads || !first) ? [handOver(leaver, before)] : []),
    {
      kind: 'apply',
      component: 'zookeeper',
      hosts,
      joins: [],
      without,
      variables: listVariables(remaining),
      why: `${listed(hosts)} take the list of ${remaining.length} without server ${leaver.id} one by one, the leader last; ${leaver.host} ${leaver.healthy ? 'keeps serving meanwhile' : 'is down'}`,
    },
    retire(way),
  ];
}

function leaveByReconfig(way: Way): readonly MembershipStep[] {
  const { leaver, remaining, before } = way;
  const client = remaining.find(({ healthy }) => healthy);
  if (client === undefined) return [];
  return [
    ...(leaver.healthy ? [handOver(leaver, before)] : []),
    {
      kind: 'reconfig',
      component: 'zookeeper',
      host: client.host,
      change: { remove: leaver.id },
      without: way.without,
      why: `the ensemble drops server ${leaver.id}; nothing is restarted`,
    },
    retire(way),
  ];
}

function handOver(leaver: NumberedMember, before: readonly string[]): MembershipStep {
  const why = `${leaver.host} is restarted if it leads then: the others elect, and it follows (one election)`;
  return { kind: 'yield', component: 'zookeeper', host: leaver.host, without: before, why };
}

function retire({ leaver, without }: Way): MembershipStep {
  return {
    kind: 'retire',
    component: 'zookeeper',
    host: leaver.host,
    without,
    why: `server ${leaver.id} on ${leaver.host} stops for good, its data is kept beside; its number is not given to another`,
  };
}

function notIn(view: ZooKeeperView, members: readonly { readonly host: string }[]): readonly string[] {
  return view.members.filter(({ host }) => !members.some((member) => member.host === host)).map(({ host }) => host);
}

function sizeRefusals(options: {
  readonly current: readonly NumberedMember[];
  readonly leaving: readonly NumberedMember[];
  readonly staying: readonly NumberedMember[];
  readonly allow: Allowances;
  readonly reconfig: boolean;
}): readonly Refusal[] {
  const { current, leaving, staying, allow, reconfig } = options;
  if (leaving.length === 0) return [];
  const healthy = current.filter((member) => member.healthy);
  const down = current.filter((member) => !member.healthy).map(({ host, said }) => `${host} is down: ${said}`);
  if (healthy.length < quorumOf(current.length))
    return [{ message: `ZooKeeper does not serve: ${down.join(', ')}`, hint: 'bring it back first' }];
  if (staying.length < 2) {
    return [
      {
        message: `${sizeWords(current.length)}: with ${staying.length} left there would be no ensemble, and a server that stood in one does not run alone without a restart`,
        hint: 'keep three; `runner replace` exchanges one server for another',
      },
    ];
  }
  const even = evenSizeRefusal(staying.length, { title: 'ZooKeeper', force: allow.force });
  const stayingHealthy = staying.filter((member) => member.healthy).length;
  const few = stayingHealthy < quorumOf(staying.length);
  const restart = reconfig
    ? undefined
    : restartRefusal({ title: 'ZooKeeper', size: current.length, healthy: healthy.length, down, force: allow.force });
  return [
    ...(even === undefined ? [] : [even]),
    ...(restart === undefined ? [] : [restart]),
    ...(few
      ? [
          {
            message: `of the ${staying.length} that would stay ${stayingHealthy} serve, and they need ${quorumOf(staying.length)}`,
            hint: 'bring back what is down first, or let the one that is down leave',
          },
        ]
      : []),
  ];
}
