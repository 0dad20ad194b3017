import { downWords, healthyCount } from './standing.js';
import type { Ensemble, Observation, Refusal } from './types.js';

type Sized = Pick<Ensemble, 'title' | 'members' | 'quorum'>;

/**
 * The arithmetic before members go away: those that serve now, less those of `hosts` that do, must be a quorum. A member
 * that is down already costs nothing. An ensemble of one has no quorum to lose: its step is an outage by nature.
 */
export function quorumRefusal(
  ensemble: Sized,
  step: { readonly observation: Observation; readonly hosts: readonly string[] },
): Refusal | undefined {
  const { observation, hosts } = step;
  const serving = observation.members.filter(({ healthy }) => healthy);
  const leaving = serving.filter(({ host }) => hosts.includes(host));
  if (leaving.length === 0 || ensemble.members.length === 1) return undefined;
  const left = serving.length - leaving.length;
  if (left >= ensemble.quorum) return undefined;
  const others = observation.members.filter(({ host }) => !hosts.includes(host));
  const down = downWords(others);
  return {
    ...(hosts.length === 1 && hosts[0] !== undefined ? { host: hosts[0] } : {}),
    message: `${ensemble.title}: stepping ${hosts.join(', ')} would leave ${left} of ${ensemble.members.length} serving, ${needed(ensemble.quorum)}${down === '' ? '' : `: ${down}`}`,
    ...(down === '' ? smallHint(ensemble) : { hint: 'bring back what is down first' }),
  };
}

/** Why an ensemble below its quorum is not stepped: nothing of it could be proved to come back. */
export function notServing(ensemble: Sized, observation: Observation): Refusal {
  const serving = healthyCount(observation);
  return {
    message: `${ensemble.title} does not serve: ${serving} of ${ensemble.members.length} members do, ${needed(ensemble.quorum)}: ${downWords(observation.members)}`,
    hint: 'bring back what is down first; `--bring-up` takes the hosts that are down through the play together',
  };
}

/** Whether as many members may be away at a time at all; undefined when they may. */
export function impossibleBudget(ensemble: Sized, maxUnavailable: number): string | undefined {
  const { members, quorum, title } = ensemble;
  const left = members.length - maxUnavailable;
  if (maxUnavailable <= 1 || left >= quorum) return undefined;
  return `with ${maxUnavailable} of ${members.length} members away ${Math.max(0, left)} would be left, and ${title} needs ${quorum}`;
}

function needed(quorum: number): string {
  return `${quorum} ${quorum === 1 ? 'is' : 'are'} needed`;
}

function smallHint(ensemble: Sized): { readonly hint?: string } {
  return ensemble.members.length === 2 ? { hint: 'two members cannot miss one: an ensemble of three can' } : {};
}
