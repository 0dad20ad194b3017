import type { Refusal } from '../../rollout/types.js';
import type { ValueMap } from '../../template/value.js';
import { listed } from '../status/words.js';
import { evenSizeRefusal, quorumOf, sizeWords } from './sizes.js';
import {
  type Allowances,
  type LiveMember,
  type MembershipPlan,
  type MembershipStep,
  refused,
  writeItThere,
} from './types.js';

/** What the masters of the inventory's group say. */
export interface MastersView {
  /** Every host of the group, in the inventory's order. */
  readonly members: readonly LiveMember[];
}

const component = 'mesos-master';

/**
 * Brings masters in. A replicated log bears 2*quorum-1 replicas, so those that run are restarted with the larger quorum
 * before the first new one starts (mesos operational-guide.md, "Increasing the quorum size"); two at a time, because with
 * a larger step the old ones alone would be no quorum any more.
 */
export function mastersScaleOut(view: MastersView, hosts: readonly string[], allow: Allowances): MembershipPlan {
  const old = view.members.filter(({ host, present }) => present && !hosts.includes(host));
  const running = view.members.filter(({ host, present, healthy }) => hosts.includes(host) && present && healthy);
  const joining = view.members.filter((member) => hosts.includes(member.host) && !running.includes(member));
  const base = [...old, ...running];
  const size = base.length + joining.length;
  const refusals = [
    ...whole(base),
    ...(joining.length === 0 ? [] : optional(evenSizeRefusal(size, { title: 'Mesos masters', force: allow.force }))),
    ...(base.length === 1 && joining.length > 0 && allow.wipeRegistry !== true ? [loneMaster()] : []),
  ];
  if (refusals.length > 0) return refused(...refusals);
  const [lone] = base;
  if (lone !== undefined && base.length === 1 && joining.length > 0) return fromOne(view, { lone, joining });
  const steps: MembershipStep[] = [];
  let members: readonly LiveMember[] = base;
  for (let at = 0; at < joining.length;) {
    const room = 2 * quorumOf(members.length) - 1 - members.length;
    const batch = joining.slice(at, at + Math.max(room, 2 - (members.length % 2 === 0 ? 1 : 0)));
    const next = [...members, ...batch];
    const quorum = quorumOf(next.length);
    if (quorum > quorumOf(members.length)) steps.push(restarts({ view, members, of: next, quorum, more: batch }));
    steps.push({
      kind: 'apply',
      component,
      hosts: batch.map(({ host }) => host),
      joins: batch.map(({ host }) => host),
      without: notIn(view, next),
      variables: addressVariables(next),
      why: `${names(batch)} ${batch.length === 1 ? 'joins' : 'join'} with an empty log and the quorum of ${quorum}: it catches up from the others before it votes`,
    });
    members = next;
    at += batch.length;
  }
  return { kind: 'steps', steps, notes: notesOf(base.length, size) };
}

/**
 * Takes masters out for good, standbys first, and only then restarts the rest with the smaller quorum (operational-guide.md,
 * "Decreasing the quorum size"); two at a time.
 */
export function mastersScaleIn(view: MastersView, hosts: readonly string[], allow: Allowances): MembershipPlan {
  const present = view.members.filter((member) => member.present);
  const leaving = present
    .filter(({ host }) => hosts.includes(host))
    .toSorted(
      (left, right) => Number(left.leads) - Number(right.leads) || Number(left.healthy) - Number(right.healthy),
    );
  const staying = present.filter(({ host }) => !hosts.includes(host));
  const healthyStaying = staying.filter(({ healthy }) => healthy).length;
  const refusals = [
    ...whole(staying),
    ...(leaving.length === 0
      ? []
      : optional(evenSizeRefusal(staying.length, { title: 'Mesos masters', force: allow.force }))),
    ...(leaving.length > 0 && staying.length === 0
      ? [{ message: 'no master would be left', hint: '`runner destroy` takes a whole cluster away' }]
      : []),
    ...(leaving.length > 0 && staying.length > 0 && healthyStaying < staying.length
      ? [
          {
            message: `${sizeWords(staying.length, 'master')}, and ${healthyStaying} of them are well`,
            hint: 'bring back what is down first',
          },
        ]
      : []),
  ];
  if (refusals.length > 0) return refused(...refusals);
  const steps: MembershipStep[] = [];
  let members: readonly LiveMember[] = present;
  for (let at = 0; at < leaving.length;) {
    const quorum = quorumOf(members.length);
    // The rest must be a quorum of the present size until it is restarted.
    const batch = leaving.slice(at, at + Math.max(1, members.length - quorum));
    const next = members.filter((member) => !batch.includes(member));
    batch.forEach((leaver, position) => {
      const gone = new Set(batch.slice(0, position + 1));
      steps.push({
        kind: 'retire',
        component,
        host: leaver.host,
        without: notIn(
          view,
          members.filter((member) => !gone.has(member)),
        ),
        why: `the master on ${leaver.host} stops for good${leaver.leads ? ' (it leads: one election)' : ''}, its log is kept beside`,
      });
    });
    if (quorumOf(next.length) < quorum)
      steps.push(restarts({ view, members: next, of: next, quorum: quorumOf(next.length), more: [] }));
    members = next;
    at += batch.length;
  }
  return {
    kind: 'steps',
    steps,
    notes: leaving.length === 0 ? ['Nothing to do: no master runs there.'] : notesOf(present.length, staying.length),
  };
}

/** Exchanges one master for another; the quorum stays. A master with an empty log may only come for one that never returns. */
export function mastersReplace(
  view: MastersView,
  { old: oldHost, replacement }: { readonly old: string; readonly replacement: string },
  allow: Allowances,
): MembershipPlan {
  const old = view.members.find(({ host }) => host === oldHost);
  const next = view.members.find(({ host }) => host === replacement);
  if (old === undefined || next === undefined) {
    const host = old === undefined ? oldHost : replacement;
    return refused({ host, message: `${host} is not in the group of the masters`, hint: writeItThere });
  }
  const staying = view.members.filter((member) => member.present && member !== old && member !== next);
  const size = staying.length + 1;
  const healthy = staying.filter((member) => member.healthy).length;
  const refusals: readonly Refusal[] = [
    ...(healthy < quorumOf(size)
      ? [
          {
            message: `without ${oldHost} ${healthy} of ${size} masters are well, and ${quorumOf(size)} are needed`,
            hint: 'bring back what is down first',
          },
        ]
      : []),
    ...(!old.reachable && !allow.oldIsGone
      ? [
          {
            host: oldHost,
            message: `${oldHost} cannot be asked (${old.said}), so nobody knows that its master has stopped: with it ${size + 1} replicas would be more than the quorum of ${quorumOf(size)} bears`,
            hint: 'make sure that it is off for good, then say `--old-is-gone`',
          },
        ]
      : []),
  ];
  if (refusals.length > 0) return refused(...refusals);
  const after = view.members.filter((member) => staying.includes(member) || member === next);
  return {
    kind: 'steps',
    steps: [
      ...(old.reachable && old.present
        ? [
            {
              kind: 'retire',
              component,
              host: oldHost,
              without: notIn(view, staying),
              why: `the master on ${oldHost} stops for good${old.leads ? ' (it leads: one election)' : ''}, its log is kept beside`,
            } as const,
          ]
        : []),
      {
        kind: 'apply',
        component,
        hosts: [replacement],
        joins: [replacement],
        without: notIn(view, after),
        variables: addressVariables(after),
        why: `${replacement} joins with an empty log and catches up from the others before it votes`,
      },
    ],
    notes: [`${sizeWords(size, 'master')}: until ${replacement} votes ${healthy} do.`],
  };
}

function restarts(options: {
  readonly view: MastersView;
  readonly members: readonly LiveMember[];
  readonly of: readonly LiveMember[];
  readonly quorum: number;
  readonly more: readonly LiveMember[];
}): MembershipStep {
  const { view, members, of, quorum, more } = options;
  const before = more.length === 0 ? '' : `, before ${names(more)} ${more.length === 1 ? 'joins' : 'join'}`;
  return {
    kind: 'apply',
    component,
    hosts: members.map(({ host }) => host),
    joins: [],
    without: notIn(view, members),
    variables: addressVariables(of),
    why: `${names(members)} ${members.length === 1 ? 'is' : 'are'} restarted with --quorum=${quorum}${before}: standbys first, the elected one last`,
  };
}

/** The role counts the quorum from these addresses. */
function addressVariables(members: readonly LiveMember[]): ValueMap {
  return { mesos_master_addresses: members.map(({ address }) => address), mesos_membership_change: true };
}

function whole(members: readonly LiveMember[]): readonly Refusal[] {
  return members
    .filter(({ healthy }) => !healthy)
    .map(({ host, said }) => ({
      host,
      message: `the master on ${host} is not well: ${said}`,
      hint: 'bring it back first, or replace it with `runner replace`',
    }));
}

/**
 * One master's log has a quorum of 1, which cannot be grown while it is read: it is put aside, and all begin together with
 * an empty one, which they initialise themselves (mesos replicated-log-internals.md, "auto-initialization").
 */
function fromOne(
  view: MastersView,
  { lone, joining }: { readonly lone: LiveMember; readonly joining: readonly LiveMember[] },
): MembershipPlan {
  const all = view.members.filter((member) => member === lone || joining.includes(member));
  const quorum = quorumOf(all.length);
  return {
    kind: 'steps',
    steps: [
      {
        kind: 'retire',
        component,
        host: lone.host,
        without: view.members.map(({ host }) => host),
        why: `the only master, on ${lone.host}, stops: from here on no master is elected. Its log is kept beside`,
      },
      {
        kind: 'apply',
        component,
        hosts: all.map(({ host }) => host),
        joins: joining.map(({ host }) => host),
        without: notIn(view, all),
        variables: addressVariables(all),
        why: `${names(all)} start together with an empty log and the quorum of ${quorum}: one of them is elected`,
      },
    ],
    notes: [
      `${sizeWords(1, 'master')}; ${sizeWords(all.length, 'master')}.`,
      'AN OUTAGE: between the steps no master is elected. What runs goes on; nothing new starts, nothing that fails is replaced.',
      'The registry begins anew: it forgets agents that are unreachable now, drained or deactivated agents, maintenance, quotas and weights. Agents that run register again under their ids.',
      'Tasks run on, unless their framework asks for them before their agent is back: it is told that they are lost, and starts others in their place (Marathon does).',
    ],
  };
}

function loneMaster(): Refusal {
  return {
    message:
      'one master becomes three only with an empty replicated log: its quorum of 1 cannot be grown while it runs, and the masters forget agents that are unreachable then',
    hint: '`--wipe-registry` puts its log aside and starts all of them together: no master for as long; agents register again, Marathon may start its tasks anew',
  };
}

function notIn(view: MastersView, members: readonly LiveMember[]): readonly string[] {
  return view.members.filter((member) => !members.includes(member)).map(({ host }) => host);
}

function notesOf(before: number, after: number): readonly string[] {
  if (before === after) return ['Nothing to do: they are masters already.'];
  return [
    `${sizeWords(before, 'master')}; ${sizeWords(after, 'master')}.`,
    ...(quorumOf(before) === quorumOf(after)
      ? []
      : [
          'While the quorum is as large as the masters are many, the registry waits for each one that is restarted: agents and tasks go on.',
        ]),
  ];
}

function names(members: readonly LiveMember[]): string {
  return listed(members.map(({ host }) => host));
}

function optional<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}
