import type { ClusterStatus, HostStatus, Member, Verdict } from '../status/types.js';
import { counted, listed } from '../status/words.js';
import { factsOf, type Part } from './components.js';
import type { Running, RunningMember } from './running.js';

/**
 * Why nothing is upgraded. `input`: the words of the command or the way they ask for; `ill`: the cluster is not well
 * enough; `unreachable`: hosts did not answer.
 */
export interface Problem {
  readonly kind: 'input' | 'ill' | 'unreachable';
  readonly message: string;
  readonly hint?: string;
}

/** The live cluster as an upgrade is judged by. */
export interface LiveCluster {
  readonly cluster: ClusterStatus;
  /** Everything the inventory wants. */
  readonly members: readonly Member[];
  readonly running: Running;
}

/** How a verdict of the status calls a part. */
const subjects: Readonly<Partial<Record<Part, string>>> = {
  zookeeper: 'ZooKeeper',
  'mesos-master': 'Mesos masters',
  'mesos-slave': 'Mesos agents',
  marathon: 'Marathon',
  bamboo: 'Bamboo',
};

/** Parts that decide by majority: below their quorum nothing may be taken away. */
const byMajority: ReadonlySet<Part> = new Set<Part>(['zookeeper', 'mesos-master']);

/** Hosts of the inventory that a part is wanted on, in its order. */
export function hostsOf(part: Part, { members }: LiveCluster): readonly string[] {
  const hosts = members.filter(({ component }) => part === 'docker' || component === part).map(({ host }) => host);
  return [...new Set(hosts)];
}

/** Everything about the live members of these parts that speaks against touching them. */
export function healthProblems(wanted: readonly Part[], live: LiveCluster): readonly Problem[] {
  const hosts = new Set(wanted.flatMap((part) => hostsOf(part, live)));
  // ZooKeeper carries all others: whatever is rolled above it would hang in the air.
  const beneath: readonly Part[] = wanted.includes('zookeeper') ? [] : ['zookeeper'];
  return [
    ...live.cluster.hosts.flatMap((host) => (hosts.has(host.host) ? hostProblem(host) : [])),
    ...wanted.flatMap((part) => partProblems(part, live)),
    ...beneath.flatMap((part) => verdictProblem(part, live)),
  ];
}

function hostProblem(host: HostStatus): readonly Problem[] {
  switch (host.kind) {
    case 'asked':
      return [];
    case 'unreachable': {
      const message = `${host.host} cannot be reached, so what runs there is not known: ${host.reason}`;
      return [{ kind: 'unreachable', message, ...(host.hint === undefined ? {} : { hint: host.hint }) }];
    }
    case 'failed':
      return [{ kind: 'ill', message: `${host.host} could not be asked what runs there: ${host.reason}` }];
  }
}

function partProblems(part: Part, live: LiveCluster): readonly Problem[] {
  const members = live.running.get(part) ?? [];
  const ill = members.filter((member) => member.ill !== undefined && !member.unfinished);
  return [...verdictProblem(part, live), ...ill.map((member) => illMember(part, { member, live }))];
}

function illMember(part: Part, of: { readonly member: RunningMember; readonly live: LiveCluster }): Problem {
  const { host, ill } = of.member;
  return {
    kind: 'ill',
    message: `${factsOf(part).one} on ${host} is not well: ${ill}${arithmetic(part, of.live)}`,
    hint: 'bring it back before others are touched; `runner status` shows the whole cluster',
  };
}

/** Why nobody else may go while a member of a majority is down. */
function arithmetic(part: Part, live: LiveCluster): string {
  if (!byMajority.has(part)) return '';
  const size = hostsOf(part, live).length;
  const serving = (live.running.get(part) ?? []).filter(({ ill }) => ill === undefined).length;
  const needed = Math.floor(size / 2) + 1;
  if (serving !== needed) return '';
  return `; ${serving} of ${size} serve and ${needed} are needed, so no other can be taken away`;
}

/** A rollout that was cut off may leave a member down: it is taken first, and its ensemble need not be whole for that. */
function verdictProblem(part: Part, live: LiveCluster): readonly Problem[] {
  const verdict = live.cluster.verdicts.find(({ subject }) => subject === subjects[part]);
  if (verdict?.state !== 'bad') return [];
  const members = live.running.get(part) ?? [];
  if (!byMajority.has(part) && members.some(({ unfinished }) => unfinished)) return [];
  return [{ kind: 'ill', message: `${factsOf(part).title}: ${verdict.sentence}${evenSplit(part, { verdict, live })}` }];
}

/** Half of an even number is no majority, whichever half it is. A server without one runs and does not serve. */
function evenSplit(part: Part, { verdict, live }: { readonly verdict: Verdict; readonly live: LiveCluster }): string {
  const size = hostsOf(part, live).length;
  const up = (live.running.get(part) ?? []).filter(({ ill, runs }) => ill === undefined || runs).length;
  if (!byMajority.has(part) || size % 2 === 1 || up * 2 !== size || verdict.state !== 'bad') return '';
  return `; ${counted(up, factsOf(part).member)} of ${size} are an even split, and neither half is a majority`;
}

/** Parts that cannot be rolled without being away, because there are too few of them. */
export function outageProblems(
  parts: readonly Part[],
  options: { readonly live: LiveCluster; readonly acceptOutage: boolean },
): readonly Problem[] {
  return parts.flatMap((part): readonly Problem[] => {
    const hosts = hostsOf(part, options.live);
    const { title, member } = factsOf(part);
    if (hosts.length === 2 && byMajority.has(part)) {
      const message = `${title}: both ${member}s, ${listed(hosts)}, are needed for a majority, so neither can be taken away for an upgrade`;
      return [{ kind: 'ill', message, hint: 'an ensemble of three can miss one' }];
    }
    if (hosts.length !== 1 || options.acceptOutage || part === 'docker') return [];
    const message = `${title}: ${listed(hosts)} is the only ${member}: while it is replaced there is none`;
    return [{ kind: 'input', message, hint: 'allow that with --accept-outage' }];
  });
}

/** Two versions, each on half of the members, and neither is wanted: it is not clear which way they were going. */
export function splitProblem(
  part: Part,
  options: { readonly live: LiveCluster; readonly wanted: readonly string[] },
): readonly Problem[] {
  const { live, wanted } = options;
  const members = live.running.get(part) ?? [];
  const by = new Map<string, string[]>();
  for (const { host, version } of members)
    if (version !== undefined) by.set(version, [...(by.get(version) ?? []), host]);
  const [one, other] = [...by];
  if (by.size !== 2 || one === undefined || other === undefined) return [];
  if (one[1].length !== other[1].length || wanted.includes(one[0]) || wanted.includes(other[0])) return [];
  const { title, name } = factsOf(part);
  const newer = [one[0], other[0]].toSorted().at(-1) ?? '';
  return [
    {
      kind: 'input',
      message: `${title} is split evenly: ${listed(one[1])} run ${one[0]}, ${listed(other[1])} run ${other[0]}, and ${wanted.at(-1)} is neither`,
      hint: `finish what was begun first, \`${name}=${newer}\`, or say that you want to: \`${name}=${[newer, ...wanted].join(',')}\``,
    },
  ];
}
