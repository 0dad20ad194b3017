import type { Value } from '../../template/value.js';
import type { Endpoint } from '../probe/ask.js';
import type { Member, ServiceName } from './types.js';

/** The variables of one host that say what it runs, with the defaults of the roles beneath them. */
export interface HostVariables {
  readonly host: string;
  /** How its programs are reached where no variable says another address. */
  readonly address: string;
  readonly groups: readonly string[];
  /** A variable's value; undefined when there is none or when it needs a run. */
  read(name: string): Value | undefined;
}

/** The names of a role's variables, and what holds where they say nothing. */
interface RoleVariables {
  readonly component: ServiceName;
  /** `<prefix>_group`, `<prefix>_container`, `<prefix>_image`. */
  readonly prefix: string;
  readonly address: string;
  readonly port: string;
  readonly version: string;
  readonly usual: { readonly port: number; readonly container: string };
}

/** From the bottom of the stack to its top. */
const roles: readonly RoleVariables[] = [
  {
    component: 'zookeeper',
    prefix: 'zookeeper',
    address: 'node_address',
    port: 'zookeeper_client_port',
    version: 'zookeeper_version',
    usual: { port: 2181, container: 'zookeeper' },
  },
  {
    component: 'mesos-master',
    prefix: 'mesos_master',
    address: 'mesos_address',
    port: 'mesos_master_port',
    version: 'mesos_version',
    usual: { port: 5050, container: 'mmaster' },
  },
  {
    component: 'mesos-slave',
    prefix: 'mesos_slave',
    address: 'mesos_address',
    port: 'mesos_slave_port',
    version: 'mesos_version',
    usual: { port: 5051, container: 'mslave' },
  },
  {
    component: 'marathon',
    prefix: 'marathon',
    address: 'marathon_address',
    port: 'marathon_port',
    version: 'marathon_version',
    usual: { port: 8080, container: 'marathon' },
  },
  {
    component: 'bamboo',
    prefix: 'bamboo',
    address: 'bamboo_address',
    port: 'bamboo_port',
    version: 'bamboo_version',
    usual: { port: 8000, container: 'bamboo' },
  },
];

/** What the inventory wants on one host: a member for each of its groups that a component is made of. */
export function membersOf(variables: HostVariables): readonly Member[] {
  return roles
    .filter(({ prefix }) => variables.groups.includes(wordOf(variables, `${prefix}_group`) ?? prefix))
    .map((role) => memberOf(role, variables));
}

/** The groups that the components are read from where no variable names others. */
export const usualGroups: readonly string[] = roles.map(({ prefix }) => prefix);

function memberOf(role: RoleVariables, variables: HostVariables): Member {
  const { component, prefix, usual } = role;
  const address = wordOf(variables, role.address) ?? wordOf(variables, 'node_address') ?? variables.address;
  const endpointAt = (port: string | number): Endpoint => `${address}:${port}`;
  const wantedImage = wordOf(variables, `${prefix}_image`);
  const wantedVersion = wordOf(variables, role.version);
  return {
    host: variables.host,
    component,
    endpoint: endpointAt(wordOf(variables, role.port) ?? usual.port),
    ...(component === 'bamboo' ? { haproxy: endpointAt(wordOf(variables, 'haproxy_port') ?? 80) } : {}),
    container: wordOf(variables, `${prefix}_container`) ?? usual.container,
    ...(wantedImage === undefined ? {} : { wantedImage }),
    ...(wantedVersion === undefined ? {} : { wantedVersion }),
  };
}

function wordOf(variables: HostVariables, name: string): string | undefined {
  const value = variables.read(name);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
