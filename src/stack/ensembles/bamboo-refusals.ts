import type { MemberVariables, Observation, Refusal } from '../../rollout/types.js';
import { eventStreamFrom, noCallbacksFrom } from '../compatibility.js';
import { isAtLeast, versionOf } from '../version.js';
import { wordOf } from './member-variables.js';
import type { ServiceMember } from './service-members.js';

/** Why Bamboo must not be stepped at all. */
export function bambooRefusals(options: {
  readonly services: readonly ServiceMember[];
  readonly observation: Observation;
  /** Marathon's version that Bamboo will meet. */
  readonly marathon: string | undefined;
  readonly pending: readonly string[];
}): readonly Refusal[] {
  const { services, observation, marathon, pending } = options;
  return services
    .filter(({ member }) => pending.includes(member.host))
    .flatMap(({ member: { host }, variables }) => {
      const to = versionOf(wordOf(variables, 'bamboo_version'));
      if (to === undefined) return [];
      const from = observation.members.find((member) => member.host === host)?.version;
      const listens = saysStream(variables) && isAtLeast(to, eventStreamFrom);
      return [...downgrade(host, { from, to }), ...deaf(host, { to, listens, marathon })];
    });
}

/** From 0.2.20 on rules are stored in a form that older ones take for a broken rule. */
function downgrade(
  host: string,
  { from, to }: { readonly from: string | undefined; readonly to: string },
): readonly Refusal[] {
  if (from === undefined || !isAtLeast(from, rulesOfTwo) || isAtLeast(to, rulesOfTwo)) return [];
  return [
    {
      host,
      message: `Bamboo ${from} stores its rules in a form (V2) that ${to} takes for broken ones: every route would be wrong`,
      hint: `stay at ${rulesOfTwo} or later; to go back, delete the rules and write them again with ${to}`,
    },
  ];
}

const rulesOfTwo = '0.2.20';

function deaf(
  host: string,
  { to, listens, marathon }: { readonly to: string; readonly listens: boolean; readonly marathon: string | undefined },
): readonly Refusal[] {
  if (listens || marathon === undefined || !isAtLeast(marathon, noCallbacksFrom)) return [];
  return [
    {
      host,
      message: `Marathon ${marathon}, which runs, calls nobody back, and Bamboo ${to} would not listen to its event stream: routes would never change`,
      hint: `use Bamboo ${eventStreamFrom} or later with \`bamboo_use_event_stream: true\``,
    },
  ];
}

function saysStream(variables: MemberVariables): boolean {
  return variables.read('bamboo_use_event_stream') !== false;
}
