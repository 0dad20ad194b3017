import type { ServiceName } from '../../stack/status/types.js';
import type { OpenCluster } from '../open-cluster.js';

const prefixes = {
  zookeeper: 'zookeeper',
  'mesos-master': 'mesos_master',
  'mesos-slave': 'mesos_slave',
  marathon: 'marathon',
  bamboo: 'bamboo',
} as const satisfies Readonly<Record<ServiceName, string>>;

/** The inventory group whose hosts run a component. */
export function componentGroup(
  cluster: Pick<OpenCluster, 'inventory' | 'variablesOf'>,
  component: ServiceName,
): string {
  const prefix = prefixes[component];
  const [first] = cluster.inventory.hosts.keys();
  const named = first === undefined ? undefined : cluster.variablesOf(first).read(`${prefix}_group`);
  return typeof named === 'string' && named !== '' ? named : prefix;
}
