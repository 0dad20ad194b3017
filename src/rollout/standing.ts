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

/**
 * What of the gate stands in the way while some hosts are still to be stepped: what is wrong with those is about to be
 * mended, and while one of them is down so may be what its ensemble and the healthy members complain about. A member that
 * was stopped on purpose explains nothing: the others must be well without it.
 */
export function standingInTheWay(
  observation: Observation,
  { pending, stopped = [] }: { readonly pending: readonly string[]; readonly stopped?: readonly string[] | undefined },
): readonly Unmet[] {
  const stateOf = new Map(observation.members.map((member) => [member.host, member]));
  const awaitsMending = pending.some((host) => !stopped.includes(host) && stateOf.get(host)?.healthy === false);
  return observation.unmet.filter(({ host }) => {
    if (host !== undefined && pending.includes(host)) return false;
    const explained = awaitsMending && (host === undefined || stateOf.get(host)?.healthy === true);
    return !explained;
  });
}

/** Whether an ensemble is only now being made: members answered, and nothing of it is there yet. */
export function isNotThere(observation: Observation, answered: ReadonlySet<string>): boolean {
  const known = observation.members.filter(({ host }) => answered.has(host));
  return known.length > 0 && known.every(({ present }) => !present);
}
