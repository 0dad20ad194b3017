import type { Refusal } from '../../rollout/types.js';
import { type LiveMember, type MembershipPlan, type MembershipStep, refused, writeItThere } from './types.js';

/** Components whose members know nothing of one another: agents, Marathon's instances, Bamboos. */
export type FreeComponent = 'mesos-slave' | 'marathon' | 'bamboo';

export interface ServicesView {
  readonly component: FreeComponent;
  /** Every host of the group, in the inventory's order. */
  readonly members: readonly LiveMember[];
}

const titles = { 'mesos-slave': 'agent', marathon: 'instance of Marathon', bamboo: 'Bamboo' } as const;

/** Brings members in: there is nothing to it but the play. */
export function servicesScaleOut(view: ServicesView, hosts: readonly string[]): MembershipPlan {
  const joining = view.members.filter((member) => hosts.includes(member.host) && !member.healthy);
  if (joining.length === 0) return { kind: 'steps', steps: [], notes: ['Nothing to do: they are there and well.'] };
  const names = joining.map(({ host }) => host);
  const ailing = ailingOthers(view, names);
  if (ailing.length > 0) return refused(...ailing);
  return { kind: 'steps', steps: [joins(view, { hosts: names, gone: [] })], notes: [] };
}

/** Takes members out one by one, a leader last; an agent's tasks leave before it does. */
export function servicesScaleIn(view: ServicesView, hosts: readonly string[]): MembershipPlan {
  const leaving = view.members
    .filter((member) => hosts.includes(member.host) && member.present)
    .toSorted((left, right) => Number(left.leads) - Number(right.leads));
  const staying = view.members.filter((member) => !hosts.includes(member.host) && member.healthy);
  if (leaving.length === 0)
    return { kind: 'steps', steps: [], notes: ['Nothing to do: there is none on these hosts.'] };
  const last = lastOne(view, { leaving, staying });
  if (last !== undefined) return refused(last);
  const ailing = ailingOthers(view, hosts);
  if (ailing.length > 0) return refused(...ailing);
  const steps = leaving.flatMap((leaver, position) => {
    const gone = leaving.slice(0, position + 1).map(({ host }) => host);
    return [...drains(view, leaver), retires(view, { leaver, without: goneOrUnwanted(view, gone) })];
  });
  return { kind: 'steps', steps, notes: notesOf(view, leaving) };
}

/** The new one comes before the old one goes. */
export function servicesReplace(
  view: ServicesView,
  { old: oldHost, replacement }: { readonly old: string; readonly replacement: string },
): MembershipPlan {
  const old = view.members.find(({ host }) => host === oldHost);
  const next = view.members.find(({ host }) => host === replacement);
  if (old === undefined || next === undefined) {
    const host = old === undefined ? oldHost : replacement;
    const message = `${host} is not in the group of the ${titles[view.component]}s`;
    return refused({ host, message, hint: writeItThere });
  }
  const ailing = ailingOthers(view, [oldHost, replacement]);
  if (ailing.length > 0) return refused(...ailing);
  return {
    kind: 'steps',
    steps: [
      // One that is dead already is what the gate must not wait for.
      ...(next.healthy ? [] : [joins(view, { hosts: [replacement], gone: old.healthy ? [] : [oldHost] })]),
      ...(old.reachable && old.present
        ? [...drains(view, old), retires(view, { leaver: old, without: [oldHost] })]
        : []),
    ],
    notes: [
      ...(next.healthy ? [`${replacement} has one that is well already: nothing new is started there.`] : []),
      ...(old.reachable
        ? notesOf(view, [old])
        : [`${oldHost} cannot be asked (${old.said}): nothing is stopped there.`]),
    ],
  };
}

/**
 * Members beside those of the change that are there and not well: after each step those that stay are waited for, all of
 * them, so a change beside them would end in that wait. Agents each work for themselves.
 */
function ailingOthers(view: ServicesView, changing: readonly string[]): readonly Refusal[] {
  if (view.component === 'mesos-slave') return [];
  return view.members
    .filter(({ host, present, reachable, healthy }) => (present || !reachable) && !healthy && !changing.includes(host))
    .map(({ host, said }) => ({
      host,
      message: `the ${titles[view.component]} on ${host} is not well (${said})`,
      hint: `\`runner start ${view.component} -l ${host}\` brings it back where it was stopped; one that is gone for good leaves with \`runner scale-in ${host}\``,
    }));
}

function joins(
  view: ServicesView,
  { hosts, gone }: { readonly hosts: readonly string[]; readonly gone: readonly string[] },
): MembershipStep {
  const staying = view.members.filter(({ host }) => !hosts.includes(host));
  return {
    kind: 'apply',
    component: view.component,
    hosts,
    joins: hosts,
    without: staying.filter(({ host, present }) => gone.includes(host) || !present).map(({ host }) => host),
    variables: {},
    why: `${hosts.join(', ')}: ${hosts.length === 1 ? `the new ${titles[view.component]} starts` : 'the new ones start'}, and must be well`,
  };
}

function drains(view: ServicesView, leaver: LiveMember): readonly MembershipStep[] {
  if (view.component !== 'mesos-slave' || !leaver.healthy) return [];
  return [
    {
      kind: 'drain',
      component: 'mesos-slave',
      host: leaver.host,
      why: `the tasks on ${leaver.host} leave: its frameworks start them elsewhere`,
    },
  ];
}

function retires(
  view: ServicesView,
  { leaver, without }: { readonly leaver: LiveMember; readonly without: readonly string[] },
): MembershipStep {
  const lead = leaver.leads ? ' (it leads: one election)' : '';
  return {
    kind: 'retire',
    component: view.component,
    host: leaver.host,
    without,
    why: `the ${titles[view.component]} on ${leaver.host} stops for good${lead}`,
  };
}

/** Hosts of the group that have nothing to be missed: those that left, and those where there never was one. */
function goneOrUnwanted(view: ServicesView, gone: readonly string[]): readonly string[] {
  return view.members.filter(({ host, present }) => gone.includes(host) || !present).map(({ host }) => host);
}

function lastOne(
  view: ServicesView,
  { leaving, staying }: { readonly leaving: readonly LiveMember[]; readonly staying: readonly LiveMember[] },
): Refusal | undefined {
  if (staying.length > 0) return undefined;
  const title = titles[view.component];
  return {
    message: `no ${title} that is well would be left: ${leaving.length === 1 ? 'this is the last' : 'these are the last'}`,
    hint: 'bring in another with `runner scale-out` first',
  };
}

function notesOf(view: ServicesView, leaving: readonly LiveMember[]): readonly string[] {
  if (view.component === 'bamboo')
    return [
      `Take ${leaving.map(({ host }) => host).join(', ')} out of what spreads the requests (DNS, VIP) first: connections to it end.`,
    ];
  return view.component === 'mesos-slave'
    ? [
        'Once draining has begun it cannot be taken back (Mesos); tasks that only this agent can run do not start elsewhere.',
      ]
    : [];
}
