import { standingInTheWay, type StillToCome } from './standing.js';
import type { Observation, Unmet } from './types.js';

/**
 * What does not hold after a step: the kind's own conditions, less what waits for hosts still to be stepped, and that
 * every stepped member serves.
 */
export function unmetAfter(
  request: StillToCome & { readonly observation: Observation; readonly stepped: readonly string[] },
): readonly Unmet[] {
  const { observation, stepped } = request;
  const unmet = standingInTheWay(observation, request);
  const silent = observation.members.filter(
    ({ host, healthy }) => stepped.includes(host) && !healthy && !unmet.some((each) => each.host === host),
  );
  return [...unmet, ...silent.map(({ host, said }) => ({ host, condition: 'it serves', said }))];
}

/** Members that are somebody else than before: nothing that waiting could mend. */
export function changedIdentities(before: Observation, now: Observation): readonly Unmet[] {
  const known = new Map(before.members.map(({ host, identity }) => [host, identity]));
  return now.members.flatMap(({ host, identity }) => {
    const earlier = known.get(host);
    if (earlier === undefined || identity === undefined || earlier === identity) return [];
    return [{ host, condition: `its identity is still ${earlier}`, said: `it is now ${identity}` }];
  });
}

/** A condition in words: "node2: it serves: the connection is refused". */
export function unmetWords({ host, condition, said }: Unmet): string {
  return `${host === undefined ? '' : `${host}: `}${condition}: ${said}`;
}
