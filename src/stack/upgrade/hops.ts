import { agentProblem, eventStreamFrom, libmesosProblem, minimalMesosFor, noCallbacksFrom } from '../compatibility.js';
import { compareVersions, isAtLeast } from '../version.js';
import type { Part } from './components.js';
import type { TargetVersion } from './targets.js';

/** One part goes to one version. */
export interface Hop {
  readonly part: Part;
  readonly to: TargetVersion;
  /** Bamboo alone: it listens to Marathon's event stream from this hop on. */
  readonly eventStream?: true;
}

/** Versions that run at one moment, by part, oldest first; a part that is not there has none. */
export interface Moment {
  readonly versions: ReadonlyMap<Part, readonly string[]>;
  /** Every Bamboo listens to the event stream, as far as this upgrade has seen to it. */
  readonly eventStream: boolean;
}

/** The hops of all parts in the order they are gone, or what no order can satisfy. */
export type Schedule =
  | { readonly kind: 'order'; readonly hops: readonly Hop[] }
  | { readonly kind: 'stuck'; readonly problems: readonly HopProblem[] };

export interface HopProblem {
  readonly message: string;
  readonly hint?: string;
}

/** Parts from the bottom of the stack to its top. */
const order: readonly Part[] = ['docker', 'zookeeper', 'mesos-master', 'mesos-slave', 'marathon', 'bamboo'];

/**
 * Puts the ways of all parts into one order: from the bottom up, each as far as what runs at that moment allows. So agents
 * of 0.28 go to 1.0 before their masters go on, and Bamboo before a Marathon without callbacks.
 */
export function scheduleOf(ways: ReadonlyMap<Part, readonly Omit<Hop, 'part'>[]>, start: Moment): Schedule {
  const rest = new Map(order.map((part) => [part, (ways.get(part) ?? []).map((hop): Hop => ({ part, ...hop }))]));
  const hops: Hop[] = [];
  let moment = start;
  for (;;) {
    const nexts = order.flatMap((part) => rest.get(part)?.[0] ?? []);
    if (nexts.length === 0) return { kind: 'order', hops };
    const before = moment;
    const chosen = nexts.find((hop) => hopProblems(hop, before).length === 0);
    if (chosen === undefined) return { kind: 'stuck', problems: nexts.flatMap((hop) => hopProblems(hop, before)) };
    hops.push(chosen);
    rest.set(chosen.part, (rest.get(chosen.part) ?? []).slice(1));
    moment = after(chosen, moment);
  }
}

/** What runs once a hop is done. */
function after(hop: Hop, moment: Moment): Moment {
  return {
    versions: new Map([...moment.versions, [hop.part, [hop.to.number]]]),
    eventStream: moment.eventStream || hop.eventStream === true,
  };
}

/** What speaks against a hop with all that runs beside it, while it is gone and afterwards. */
export function hopProblems(hop: Hop, moment: Moment): readonly HopProblem[] {
  const to = hop.to.number;
  const versions = (part: Part): readonly string[] => moment.versions.get(part) ?? [];
  const [masters, agents, marathons] = [versions('mesos-master'), versions('mesos-slave'), versions('marathon')];
  switch (hop.part) {
    case 'docker':
    case 'zookeeper':
      return [];
    case 'mesos-master':
      return [
        ...agents.flatMap((agent) => problem(agentProblem(agent, to), mesosHint)),
        ...marathons.flatMap((marathon) => [
          ...problem(libmesosProblem(marathon, to), 'name a Marathon of 0.11 or later as well: `marathon=VERSION`'),
          ...olderThanMarathonNeeds(marathon, to),
        ]),
      ];
    case 'mesos-slave':
      return masters.slice(0, 1).flatMap((master) => problem(agentProblem(to, master), mesosHint));
    case 'marathon':
      return [
        ...masters
          .slice(0, 1)
          .flatMap((master) => [
            ...problem(libmesosProblem(to, master), 'choose a Marathon of 0.11 or later'),
            ...olderThanMarathonNeeds(to, master),
          ]),
        ...callbackProblems(to, { bamboos: versions('bamboo'), eventStream: moment.eventStream }),
      ];
    case 'bamboo':
      return marathons
        .filter((marathon) => isAtLeast(marathon, noCallbacksFrom) && !isAtLeast(to, eventStreamFrom))
        .slice(0, 1)
        .map((marathon) => ({
          message: `Bamboo ${to} lives on callbacks, which Marathon ${marathon} does not have; the event stream came with ${eventStreamFrom}`,
          hint: `choose a Bamboo of ${eventStreamFrom} or later`,
        }));
  }
}

const mesosHint = 'masters and agents go together: `mesos=VERSION`';

function problem(message: string | undefined, hint: string): readonly HopProblem[] {
  return message === undefined ? [] : [{ message, hint }];
}

function olderThanMarathonNeeds(marathon: string, master: string): readonly HopProblem[] {
  const minimum = minimalMesosFor(marathon);
  if (minimum === undefined || isAtLeast(master, minimum)) return [];
  const message = `Marathon ${marathon} needs Mesos ${minimum} or later, and the masters are ${master}`;
  return [
    { message, hint: `upgrade Mesos in the same go, \`mesos=${minimum}\` or later, or choose an older Marathon` },
  ];
}

/** From 1.5 on Marathon calls nobody back: a Bamboo that does not listen to its event stream would never hear of an app. */
function callbackProblems(
  marathon: string,
  beside: { readonly bamboos: readonly string[]; readonly eventStream: boolean },
): readonly HopProblem[] {
  if (!isAtLeast(marathon, noCallbacksFrom) || beside.bamboos.length === 0) return [];
  const old = beside.bamboos.filter((bamboo) => !isAtLeast(bamboo, eventStreamFrom)).toSorted(compareVersions);
  if (old.length === 0 && beside.eventStream) return [];
  const message =
    old.length === 0
      ? `Marathon ${marathon} knows no callbacks (gone from ${noCallbacksFrom} on), and Bamboo does not use the event stream yet`
      : `Marathon ${marathon} knows no callbacks (gone from ${noCallbacksFrom} on), and Bamboo ${old.join(', ')} knows nothing else: the event stream came with ${eventStreamFrom}`;
  return [{ message, hint: 'name a Bamboo that knows the event stream as well: `bamboo=0.3.1`' }];
}
