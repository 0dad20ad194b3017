import type { Value } from '../../template/value.js';
import type { Endpoint } from '../probe/ask.js';
import type { Member, ServiceName } from './types.js';

/** The variables of one host that say what it runs, with the defaults of the roles beneath them. */
export interface HostVariables {
  readonly host: string;
  /** How its programs are reached where `node_address` is not said. */
  readonly address: string;
  readonly groups: readonly string[];
  /** A variable's value; undefined when there is none or when it needs a run. */
  read(name: string): Value | undefined;
}

interface Names {
  readonly component: ServiceName;
  readonly group: string;
  readonly address: string;
  readonly port: string;
  readonly container: string;
  readonly image: string;
  readonly version: string;
}

/** The roles' variables, by component, from the bottom of the stack to its top. */
const names: readonly Names[] = [
  {
    component: 'zookeeper',
    group: 'zookeeper_group',
    address: 'node_address',
    port: 'zookeeper_client_port',
    container: 'zookeeper_container',
    image: 'zookeeper_image',
    version: 'zookeeper_version',
  },
  {
    component: 'mesos-master',
    group: 'mesos_master_group',
    address: 'mesos_address',
    port: 'mesos_master_port',
    container: 'mesos_master_container',
    image: 'mesos_master_image',
    version: 'mesos_version',
  },
  {
    component: 'mesos-slave',
    group: 'mesos_slave_group',
    address: 'mesos_address',
    port: 'mesos_slave_port',
    container: 'mesos_slave_container',
    image: 'mesos_slave_image',
    version: 'mesos_version',
  },
  {
    component: 'marathon',
    group: 'marathon_group',
    address: 'marathon_address',
    port: 'marathon_port',
    container: 'marathon_container',
    image: 'marathon_image',
    version: 'marathon_version',
  },
  {
    component: 'bamboo',
    group: 'bamboo_group',
    address: 'bamboo_address',
    port: 'bamboo_port',
    container: 'bamboo_container',
    image: 'bamboo_image',
    version: 'bamboo_version',
  },
];

/** The groups that the components are read from where no variable names another. */
const usualGroups: Readonly<Record<ServiceName, string>> = {
  zookeeper: 'zookeeper',
  'mesos-master': 'mesos_master',
  'mesos-slave': 'mesos_slave',
  marathon: 'marathon',
  bamboo: 'bamboo',
};
const usualPorts: Readonly<Record<ServiceName, number>> = {
  zookeeper: 2181,
  'mesos-master': 5050,
  'mesos-slave': 5051,
  marathon: 8080,
  bamboo: 8000,
};
const usualContainers: Readonly<Record<ServiceName, string>> = {
  zookeeper: 'zookeeper',
  'mesos-master': 'mmaster',
  'mesos-slave': 'mslave',
  marathon: 'marathon',
  bamboo: 'bamboo',
};

/** What the inventory wants on one host: one member for each of its groups that a component is made of. */
export function membersOf(variables: HostVariables): readonly Member[] {
  return names
    .filter(({ component, group }) =>
      variables.groups.includes(wordOf(variables, group) ?? usualGroups[component]),
    )
    .map((known) => memberOf(known, variables));
}

function memberOf(known: Names, variables: HostVariables): Member {
  const { component } = known;
  const address = wordOf(variables, known.address) ?? wordOf(variables, 'node_address') ?? variables.address;
  const endpointAt = (port: string | number): Endpoint => `${address}:${port}`;
  const wantedImage = wordOf(variables, known.image);
  const wantedVersion = wordOf(variables, known.version);
  return {
    host: variables.host,
    component,
    endpoint: endpointAt(wordOf(variables, known.port) ?? usualPorts[component]),
    ...(component === 'bamboo' ? { haproxy: endpointAt(wordOf(variables, 'haproxy_port') ?? 80) } : {}),
    container: wordOf(variables, known.container) ?? usualContainers[component],
    ...(wantedImage === undefined ? {} : { wantedImage }),
    ...(wantedVersion === undefined ? {} : { wantedVersion }),
  };
}

/** The names of the groups the components are read from, for a message. */
export function usualGroupNames(): readonly string[] {
  return Object.values(usualGroups);
}

function wordOf(variables: HostVariables, name: string): string | undefined {
  const value = variables.read(name);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
