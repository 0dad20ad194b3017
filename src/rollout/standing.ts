import type { MemberState, Observation, Unmet } from './types.js';

/** How many members count towards the quorum now. */
export function healthyCount(observation: Observation): number {
  return observation.members.filter(({ healthy }) => healthy).length;
}

/** The members that do not serve, as the end of a sentence: "node3 is down (the connection is refused)". */
export function downWords(members: readonly MemberState[]): string {
  return members
    .filter(({ healthy }) => !healthy)
    .map(({ host, present, said }) => `${host} is ${present ? 'down' : 'not there yet'} (${said})`)
    .join(', ');
}

/** What a gate is judged by beside what is seen now. */
export interface StillToCome {
  /** Taken before the first step. */
  readonly before: Observation;
  /** Hosts still to be stepped. */
  readonly pending: readonly string[];
  /** Of those, the ones that were stopped on purpose. */
  readonly stopped?: readonly string[] | undefined;
}

/**
 * What of the gate stands in the way while some hosts are still to be stepped: what is wrong with those is about to be
 * mended, and while one that was down from the beginning still is, so may be what its ensemble and the healthy members
 * complain about. A member that went down since then is a failure that nobody has asked for: its step may take it further
 * from serving, and the next may take the quorum. A member that was stopped on purpose explains nothing either: the
 * others must be well without it.
 */
export function standingInTheWay(observation: Observation, rest: StillToCome): readonly Unmet[] {
  const { pending, stopped = [] } = rest;
  const stateOf = new Map(observation.members.map((member) => [member.host, member]));
  const lost = new Set(wentDown(observation, rest).map(({ host }) => host));
  const awaitsMending = pending.some(
    (host) => !stopped.includes(host) && !lost.has(host) && stateOf.get(host)?.healthy === false,
  );
  return observation.unmet.filter(({ host }) => {
    if (host !== undefined && pending.includes(host)) return lost.has(host);
    const explained = awaitsMending && (host === undefined || stateOf.get(host)?.healthy === true);
    return !explained;
  });
}

/** Members still to be stepped that served before the first step and do not now, though nobody stopped them. */
export function wentDown(
  observation: Observation,
  { before, pending, stopped = [] }: StillToCome,
): readonly MemberState[] {
  const served = new Set(before.members.filter(({ healthy }) => healthy).map(({ host }) => host));
  return observation.members.filter(
    ({ host, healthy }) => !healthy && served.has(host) && pending.includes(host) && !stopped.includes(host),
  );
}

/** Whether an ensemble is only now being made: members answered, and nothing of it is there yet. */
export function isNotThere(observation: Observation, answered: ReadonlySet<string>): boolean {
  const known = observation.members.filter(({ host }) => answered.has(host));
  return known.length > 0 && known.every(({ present }) => !present);
}
