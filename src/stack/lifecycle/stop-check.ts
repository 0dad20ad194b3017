import type { ClusterStatus, Member, Row, ServiceName } from '../status/types.js';
import { rowsOf } from '../status/cluster-status.js';
import { listed } from '../status/words.js';
import { titles } from './components.js';

/** What stopping members of one component does to it. */
export type StopEffect =
  /** The rest goes on without them. */
  | { readonly kind: 'harmless' }
  /** Nothing of it is left, and that is what was asked for. */
  | { readonly kind: 'whole'; readonly sentence: string }
  /** What is left could not work: not what was asked for. */
  | { readonly kind: 'refused'; readonly sentence: string };

/** How many members must serve for the component to work; agents each work for themselves. */
const needed: Readonly<Record<ServiceName, (size: number) => number>> = {
  zookeeper: majority,
  'mesos-master': majority,
  'mesos-slave': () => 0,
  marathon: () => 1,
  bamboo: () => 1,
};

/** What it means to stop a component on some hosts, counted over all its members as they are now. */
export function stopEffect(question: {
  readonly component: ServiceName;
  readonly hosts: readonly string[];
  readonly members: readonly Member[];
  readonly cluster: ClusterStatus;
}): StopEffect {
  const { component, hosts, cluster } = question;
  const all = question.members.filter((member) => member.component === component).map(({ host }) => host);
  const title = titles[component];
  if (all.every((host) => hosts.includes(host)))
    return { kind: 'whole', sentence: `all of ${title} stops, on ${listed(all)}` };
  const rows = cluster.hosts.flatMap(rowsOf).filter((row) => row.component === component);
  const serving = rows.filter(serves).map(({ host }) => host);
  const stopping = serving.filter((host) => hosts.includes(host));
  const least = needed[component](all.length);
  const left = serving.length - stopping.length;
  if (stopping.length === 0 || left >= least) return { kind: 'harmless' };
  return {
    kind: 'refused',
    sentence:
      `${title}: ${all.length} members, ${serving.length} serve, ${least} ${least === 1 ? 'is' : 'are'} needed: ` +
      `without ${listed(stopping)} there ${left === 1 ? 'is' : 'are'} ${left}`,
  };
}

function serves(row: Row): boolean {
  switch (row.component) {
    case 'zookeeper':
      return row.details !== undefined && row.details.mode !== 'electing' && row.details.mode !== 'observer';
    case 'mesos-master':
      return row.details !== undefined && row.details.recovered !== false;
    default:
      return row.health.state === 'well';
  }
}

function majority(size: number): number {
  return Math.floor(size / 2) + 1;
}
