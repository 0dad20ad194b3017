import type { ComponentName, ServiceName } from '../status/types.js';

/** From the bottom of the stack to its top. */
export const services: readonly ServiceName[] = ['zookeeper', 'mesos-master', 'mesos-slave', 'marathon', 'bamboo'];

/** What is started, stopped and logged. rsyslog keeps the lines of HAProxy; it is no container, and nothing stands on it. */
export type OperatedName = ComponentName | 'rsyslog';

/** What may be named on the command line: Docker and rsyslog only by their own names, never as a part of `all`. */
export const componentNames: readonly OperatedName[] = ['docker', 'rsyslog', ...services];

/** The component on whose hosts another one lives that is in no group of its own. */
export function hostsLike(name: OperatedName): ServiceName | 'any' {
  if (name === 'docker') return 'any';
  return name === 'rsyslog' ? 'bamboo' : name;
}

/** Names that the how-tos and people use; HAProxy runs in Bamboo's container. */
const aliases: Readonly<Record<string, readonly OperatedName[]>> = {
  all: services,
  zk: ['zookeeper'],
  mesos: ['mesos-master', 'mesos-slave'],
  master: ['mesos-master'],
  slave: ['mesos-slave'],
  agent: ['mesos-slave'],
  'mesos-agent': ['mesos-slave'],
  haproxy: ['bamboo'],
  bambooha: ['bamboo'],
};

export const knownNames: readonly string[] = [...componentNames, ...Object.keys(aliases)];

/** The components that are meant, from the bottom to the top, and the names that mean none. */
export function readComponentNames(names: readonly string[]): {
  readonly components: readonly OperatedName[];
  readonly unknown: readonly string[];
} {
  const meant = new Set<OperatedName>();
  const unknown: string[] = [];
  for (const name of names) {
    const own = componentNames.find((component) => component === name);
    const found = own === undefined ? (Object.hasOwn(aliases, name) ? aliases[name] : undefined) : [own];
    if (found === undefined) unknown.push(name);
    else for (const component of found) meant.add(component);
  }
  return { components: componentNames.filter((component) => meant.has(component)), unknown };
}

/** As sentences and plays call them. */
export const titles: Readonly<Record<OperatedName, string>> = {
  docker: 'Docker',
  rsyslog: 'rsyslog',
  zookeeper: 'ZooKeeper',
  'mesos-master': 'Mesos masters',
  'mesos-slave': 'Mesos agents',
  marathon: 'Marathon',
  bamboo: 'Bamboo',
};
