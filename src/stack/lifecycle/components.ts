import type { ComponentName, ServiceName } from '../status/types.js';

/** From the bottom of the stack to its top. */
export const services: readonly ServiceName[] = ['zookeeper', 'mesos-master', 'mesos-slave', 'marathon', 'bamboo'];

/** What may be named on the command line: Docker only by its own name, never as a part of `all`. */
export const componentNames: readonly ComponentName[] = ['docker', ...services];

/** Names that the how-tos and people use; HAProxy runs in Bamboo's container. */
const aliases: Readonly<Record<string, readonly ComponentName[]>> = {
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
  readonly components: readonly ComponentName[];
  readonly unknown: readonly string[];
} {
  const meant = new Set<ComponentName>();
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
export const titles: Readonly<Record<ComponentName, string>> = {
  docker: 'Docker',
  zookeeper: 'ZooKeeper',
  'mesos-master': 'Mesos masters',
  'mesos-slave': 'Mesos agents',
  marathon: 'Marathon',
  bamboo: 'Bamboo',
};
