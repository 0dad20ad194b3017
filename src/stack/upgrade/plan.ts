import { isAtLeast } from '../version.js';
import { eventStreamFrom, noCallbacksFrom } from '../compatibility.js';
import { factsOf, parts, titleOf, type Part, type UpgradeName } from './components.js';
import { scheduleOf, type Hop, type Moment } from './hops.js';
import { limitNotes, limitProblems } from './limit.js';
import { pathOf } from './paths.js';
import { healthProblems, hostsOf, outageProblems, splitProblem, type LiveCluster, type Problem } from './problems.js';
import { versionsOf, type RunningMember } from './running.js';
import type { Target, TargetVersion } from './targets.js';
import { newElectionFrom, wordsOf, type HopWords } from './words.js';

/** One hop with its hosts. */
export interface PlannedHop extends HopWords {
  readonly part: Part;
  readonly title: string;
  /** The versions that are left, oldest first; none where nothing is known to run. */
  readonly from: readonly string[];
  /** As images are tagged. */
  readonly to: string;
  /** In the order they are expected to go; the live cluster is asked again before each. */
  readonly hosts: readonly string[];
  /** Hosts that are there already. */
  readonly there: readonly string[];
  /** The leader, whose turn comes last. */
  readonly leader?: string;
  readonly eventStream: boolean;
  /** All members stop before the first is stepped: the two versions must never run at the same time. */
  readonly stopsAll: boolean;
}

export interface UpgradePlan {
  readonly hops: readonly PlannedHop[];
  /** Whatever there is of these, nothing is touched. */
  readonly problems: readonly Problem[];
  /** What the user should know beside. */
  readonly notes: readonly string[];
}

export interface UpgradeRequest {
  readonly targets: readonly Target[];
  readonly live: LiveCluster;
  /** Hosts after `--limit`. */
  readonly chosen: ReadonlySet<string>;
  readonly acceptOutage: boolean;
}

/** Judges the whole way before anything is touched, and settles its hops. */
export function planUpgrade(request: UpgradeRequest): UpgradePlan {
  const { targets, live, acceptOutage } = request;
  const ways = waysOf(targets, live);
  const wanted = parts.filter(({ name }) => targets.some((target) => target.name === name)).map(({ part }) => part);
  const moving = [...ways.hops].flatMap(([part, hops]) => (hops.length === 0 ? [] : [part]));
  const problems = [...ways.problems, ...healthProblems(wanted, live)];
  const schedule = problems.some(({ kind }) => kind === 'input') ? undefined : scheduleOf(ways.hops, momentOf(live));
  const hops = schedule?.kind === 'order' ? plannedHops(schedule.hops, request) : [];
  const later: readonly Problem[] = [
    ...(schedule?.kind === 'stuck' ? schedule.problems.map((each): Problem => ({ kind: 'input', ...each })) : []),
    ...outageProblems(moving, { live, acceptOutage }),
    ...hops.flatMap((hop) => electionProblem(hop, acceptOutage)),
    ...limitProblems(hops, request),
  ];
  return {
    hops,
    problems: withoutRepeats([...problems, ...later]),
    notes: [...notesOf(wanted, live), ...limitNotes(hops, request)],
  };
}

interface Ways {
  readonly hops: ReadonlyMap<Part, readonly Omit<Hop, 'part'>[]>;
  readonly problems: readonly Problem[];
}

/** The way of every part on its own. */
function waysOf(targets: readonly Target[], live: LiveCluster): Ways {
  const hops = new Map<Part, readonly Omit<Hop, 'part'>[]>();
  const problems: Problem[] = [];
  for (const target of targets) {
    const own = parts.filter(({ name }) => name === target.name).map(({ part }) => part);
    const placed = own.filter((part) => hostsOf(part, live).length > 0);
    if (placed.length === 0) problems.push(nowhere(target.name));
    for (const part of placed) {
      const versions = versionsOf(live.running.get(part) ?? []);
      problems.push(...unknownVersions(part, live), ...splitProblem(part, { live, wanted: stationNumbers(target) }));
      if (versions.length === 0) continue;
      const path = pathOf(target, versions);
      if (path.kind === 'path') hops.set(part, remaining(path.versions, live.running.get(part) ?? []));
      else
        problems.push({
          kind: 'input',
          message: path.message,
          ...(path.hint === undefined ? {} : { hint: path.hint }),
        });
    }
  }
  return { hops: withEventStream(hops, live), problems };
}

function stationNumbers(target: Target): readonly string[] {
  return [...target.stations, target.version].map(({ number }) => number);
}

function nowhere(name: UpgradeName): Problem {
  const message = `${titleOf(name)} runs nowhere: the inventory has no host for it`;
  return { kind: 'input', message, hint: '`runner inventory --graph` shows its groups' };
}

function unknownVersions(part: Part, live: LiveCluster): readonly Problem[] {
  return (live.running.get(part) ?? [])
    .filter(({ version, ill }) => version === undefined && ill === undefined)
    .map(({ host }) => ({
      kind: 'input',
      message: `${factsOf(part).one} on ${host} does not say its version, and neither does the tag of its image`,
      hint: 'give its image a tag with the version first',
    }));
}

/** Only hops that some member still has before it; a member that is down goes with the last. */
function remaining(
  versions: readonly TargetVersion[],
  members: readonly RunningMember[],
): readonly Omit<Hop, 'part'>[] {
  return versions
    .filter((to, index) =>
      members.some((member) => isToMove(member, { to: to.number, isLast: index === versions.length - 1 })),
    )
    .map((to) => ({ to }));
}

function isToMove(
  { version, unfinished }: RunningMember,
  { to, isLast }: { readonly to: string; readonly isLast: boolean },
): boolean {
  if (version === undefined || unfinished) return true;
  return isLast ? version !== to : !isAtLeast(version, to);
}

/** Before Marathon loses its callbacks, Bamboo must listen to the event stream: by a hop of its own where it has none. */
function withEventStream(
  hops: ReadonlyMap<Part, readonly Omit<Hop, 'part'>[]>,
  live: LiveCluster,
): ReadonlyMap<Part, readonly Omit<Hop, 'part'>[]> {
  const isCrossed = (hops.get('marathon') ?? []).some(({ to }) => isAtLeast(to.number, noCallbacksFrom));
  const bamboos = versionsOf(live.running.get('bamboo') ?? []);
  if (!isCrossed || momentOf(live).eventStream || bamboos.length === 0) return hops;
  const own = hops.get('bamboo') ?? [];
  const last = own.at(-1) ?? { to: { number: bamboos.at(-1) ?? '', suffix: '' } };
  if (!isAtLeast(last.to.number, eventStreamFrom)) return hops;
  return new Map([...hops, ['bamboo', [...own.slice(0, -1), { ...last, eventStream: true }]]]);
}

/** What runs now. Bamboos beside a Marathon without callbacks can only be using the event stream. */
function momentOf(live: LiveCluster): Moment {
  const versions = new Map([...live.running].map(([part, members]) => [part, versionsOf(members)] as const));
  const [oldest] = versions.get('marathon') ?? [];
  return { versions, eventStream: oldest !== undefined && isAtLeast(oldest, noCallbacksFrom) };
}

function plannedHops(hops: readonly Hop[], { live, chosen }: UpgradeRequest): readonly PlannedHop[] {
  const moved = new Map<string, string>();
  return hops.map((hop, index): PlannedHop => {
    const isLast = !hops.slice(index + 1).some(({ part }) => part === hop.part);
    const now = (live.running.get(hop.part) ?? []).map((member) => ({
      ...member,
      version: moved.get(`${hop.part} ${member.host}`) ?? member.version,
    }));
    const stepped = now.filter((member) => hop.eventStream === true || isToMove(member, { to: hop.to.number, isLast }));
    const hosts = inOrder(stepped).filter((host) => chosen.has(host));
    for (const host of hosts) moved.set(`${hop.part} ${host}`, hop.to.number);
    const from = versionsOf(stepped);
    const leader = stepped.find(({ leads, host }) => leads && chosen.has(host))?.host;
    const { title } = factsOf(hop.part);
    const crossesElection = hop.part === 'marathon' && now.length > 1 && crosses(from[0], hop.to.number);
    return {
      part: hop.part,
      title,
      from,
      to: hop.to.number + hop.to.suffix,
      hosts,
      there: now.filter((member) => !stepped.includes(member)).map(({ host }) => host),
      ...(leader === undefined ? {} : { leader }),
      eventStream: hop.eventStream === true,
      stopsAll: crossesElection,
      ...wordsOf({
        part: hop.part,
        from: from[0],
        to: hop.to.number,
        members: now.length,
        crossesElection,
        eventStream: hop.eventStream === true,
      }),
    };
  });
}

/** What is down goes first, the leader last. */
function inOrder(members: readonly RunningMember[]): readonly string[] {
  const rank = ({ leads, ill }: RunningMember): number => (leads ? 2 : ill === undefined ? 1 : 0);
  return members.toSorted((left, right) => rank(left) - rank(right)).map(({ host }) => host);
}

function crosses(from: string | undefined, to: string): boolean {
  return from !== undefined && !isAtLeast(from, newElectionFrom) && isAtLeast(to, newElectionFrom);
}

function electionProblem(hop: PlannedHop, acceptOutage: boolean): readonly Problem[] {
  if (!hop.stopsAll || acceptOutage) return [];
  const message = `Marathon ${hop.from[0]} and ${hop.to} elect their leaders in ways that do not see each other: two would lead. All old ones must stop before the first new one starts, so there is no Marathon for that time (apps run on)`;
  return [{ kind: 'input', message, hint: 'allow that with --accept-outage' }];
}

function notesOf(wanted: readonly Part[], live: LiveCluster): readonly string[] {
  return wanted.flatMap((part) =>
    (live.running.get(part) ?? [])
      .filter(({ unfinished }) => unfinished)
      .map(({ host, ill }) => {
        const state = ill === undefined ? '' : ` (${ill})`;
        return `a rollout of ${factsOf(part).title} was cut off on ${host}${state}: it is gone on with there first`;
      }),
  );
}

function withoutRepeats(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Set<string>();
  return problems.filter(({ message }) => !seen.has(message) && seen.add(message));
}
