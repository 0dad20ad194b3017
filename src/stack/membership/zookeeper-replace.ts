import type { Refusal } from '../../rollout/types.js';
import { isAtLeast } from '../version.js';
import { listed } from '../status/words.js';
import { quorumOf, sizeWords } from './sizes.js';
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
 * Exchanges one server for another on a new host, the size stays. From 3.5 on the new one takes the old one's number with
 * an empty folder: the others count its vote at once, before any of them is restarted. A 3.4 server is called back at the
 * address its own list has, so that a new address under a lower number never gets into an election: there the new server
 * gets a number above all others. Either way the old one must be gone for good: two servers of one number, or an old
 * majority beside a new one, would be two truths.
 */
export function zookeeperReplace(
  view: ZooKeeperView,
  { old: oldHost, replacement }: { readonly old: string; readonly replacement: string },
  allow: Allowances,
): MembershipPlan {
  const current = currentMembers(view);
  const old = current.find(({ host }) => host === oldHost);
  const joined = current.find(({ host }) => host === replacement);
  const next = view.members.find(({ host }) => host === replacement);
  const known = [...strangers(view, [oldHost, replacement]), ...unknownServers(view), ...reconfigOffProblem(view)];
  if (known.length > 0 || next === undefined) return refused(...known);
  const replaced = old ?? joined;
  if (replaced === undefined) {
    return refused({
      host: oldHost,
      message: `${oldHost} is no member of the running ensemble`,
      hint: '`runner scale-out` adds one',
    });
  }
  const staying = current.filter(({ host }) => host !== oldHost && host !== replacement);
  const refusals = replaceRefusals({ old, joined, replacement, staying, view, allow });
  if (refusals.length > 0) return refused(...refusals);
  const id = joined?.id ?? (keepsNumber(staying) ? replaced.id : highestId(view) + 1);
  const members = view.members.flatMap((member) => {
    if (member.host === replacement) return [{ ...member, id }];
    const stays = staying.find(({ host }) => host === member.host);
    return stays === undefined ? [] : [stays];
  });
  const without = view.members
    .filter(({ host }) => !members.some((member) => member.host === host))
    .map(({ host }) => host);
  const others = staying.map(({ host }) => host);
  const steps: MembershipStep[] = [
    ...(old?.reachable === true && old.present
      ? [
          {
            kind: 'retire',
            component: 'zookeeper',
            host: oldHost,
            // Nobody has taken its place yet: those that stay are a quorum of the old size.
            without: [...without, replacement],
            why: `server ${old.id} on ${oldHost} stops for good, its data is kept beside`,
          } as const,
        ]
      : []),
    {
      kind: 'apply',
      component: 'zookeeper',
      hosts: [replacement, ...others],
      joins: [replacement],
      without,
      variables: listVariables(members),
      why: `${replacement} joins as server ${id} with an empty folder and copies the leader's data; then ${listed(others)} take the new list one by one, the leader last`,
    },
  ];
  const margin = `${sizeWords(current.length)}: until ${replacement} follows ${staying.filter(({ healthy }) => healthy).length} serve.`;
  const gone =
    old === undefined || (old.reachable && old.present)
      ? []
      : [`${oldHost} must never come back: keep it off, or remove its data there.`];
  return {
    kind: 'steps',
    steps,
    notes: [margin, ...gone],
    ids: new Map(members.map((member) => [member.host, member.id])),
  };
}

function replaceRefusals(options: {
  readonly old: NumberedMember | undefined;
  readonly joined: NumberedMember | undefined;
  readonly replacement: string;
  readonly staying: readonly NumberedMember[];
  readonly view: ZooKeeperView;
  readonly allow: Allowances;
}): readonly Refusal[] {
  const { old, joined, replacement, staying, view, allow } = options;
  const size = staying.length + 1;
  const healthy = staying.filter((member) => member.healthy).length;
  const down = staying.filter((member) => !member.healthy).map(({ host, said }) => `${host} is down: ${said}`);
  return [
    ...(view.reconfig
      ? [
          {
            message: '`replace` is for ensembles without reconfig',
            hint: '`runner scale-out` the new host, then `runner scale-in` the old one: nothing is restarted',
          },
        ]
      : []),
    ...(healthy < quorumOf(size)
      ? [
          {
            message: `without ${old?.host ?? 'the old one'} ${healthy} of ${size} serve, and ${quorumOf(size)} are needed: ${down.join(', ')}`,
            hint: 'bring back what is down first',
          },
        ]
      : []),
    ...(joined === undefined && view.holdData.includes(replacement)
      ? [
          {
            host: replacement,
            message: `${replacement} holds ZooKeeper's data of an earlier life: a server that joins begins with an empty folder`,
            hint: 'move the data folder away on that host if nobody needs it',
          },
        ]
      : []),
    ...(old !== undefined && !old.reachable && !allow.oldIsGone
      ? [
          {
            host: old.host,
            message: `${old.host} cannot be asked (${old.said}), so nobody knows that its server has stopped: a second server ${old.id} would be two truths`,
            hint: 'make sure that it is off for good, then say `--old-is-gone`',
          },
        ]
      : []),
  ];
}

/** Whether peers call a server back at the address it tells them, not at the one in their own list. */
function keepsNumber(staying: readonly NumberedMember[]): boolean {
  return staying.every(({ version }) => version !== undefined && isAtLeast(version, '3.5.0'));
}

function highestId(view: ZooKeeperView): number {
  return Math.max(...view.listed.map(({ id }) => id), ...view.wantedIds.values());
}
