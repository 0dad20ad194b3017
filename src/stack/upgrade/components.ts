import type { ComponentName } from '../status/types.js';

/** What a user names on the command line: `zookeeper=3.8.0`. */
export type UpgradeName = 'docker' | 'zookeeper' | 'mesos' | 'marathon' | 'bamboo';

/** What is rolled in one go: Mesos is two of them, masters and agents. */
export type Part = ComponentName;

/** A part of the stack as an upgrade sees it. */
export interface PartFacts {
  readonly part: Part;
  readonly name: UpgradeName;
  /** Begins sentences: "Mesos masters". */
  readonly title: string;
  /** One of them as a sentence begins with it, and the bare noun: "Mesos master", "master". */
  readonly one: string;
  readonly member: string;
  /** The role whose play rolls it, and the variable that says its version. */
  readonly role: string;
  readonly variable: string;
}

/** From the bottom of the stack to its top, which is also the order in which they are upgraded where nothing speaks against it. */
export const parts: readonly PartFacts[] = [
  {
    part: 'docker',
    name: 'docker',
    title: 'Docker',
    one: 'Docker',
    member: 'engine',
    role: 'docker',
    variable: 'docker_version',
  },
  {
    part: 'zookeeper',
    name: 'zookeeper',
    title: 'ZooKeeper',
    one: 'ZooKeeper',
    member: 'server',
    role: 'zookeeper',
    variable: 'zookeeper_version',
  },
  {
    part: 'mesos-master',
    name: 'mesos',
    title: 'Mesos masters',
    one: 'Mesos master',
    member: 'master',
    role: 'mesos-master',
    variable: 'mesos_version',
  },
  {
    part: 'mesos-slave',
    name: 'mesos',
    title: 'Mesos agents',
    one: 'Mesos agent',
    member: 'agent',
    role: 'mesos-slave',
    variable: 'mesos_version',
  },
  {
    part: 'marathon',
    name: 'marathon',
    title: 'Marathon',
    one: 'Marathon',
    member: 'instance',
    role: 'marathon',
    variable: 'marathon_version',
  },
  {
    part: 'bamboo',
    name: 'bamboo',
    title: 'Bamboo',
    one: 'Bamboo',
    member: 'Bamboo',
    role: 'bamboo',
    variable: 'bamboo_version',
  },
];

export const upgradeNames: readonly UpgradeName[] = ['zookeeper', 'mesos', 'marathon', 'bamboo', 'docker'];

/** The facts of a part. */
export function factsOf(part: Part): PartFacts {
  const found = parts.find((facts) => facts.part === part);
  if (found === undefined) throw new TypeError(`no facts of ${part}`);
  return found;
}

/** How people call a component: "ZooKeeper", "Mesos". */
export function titleOf(name: UpgradeName): string {
  return name === 'mesos' ? 'Mesos' : (parts.find((facts) => facts.name === name)?.title ?? name);
}
