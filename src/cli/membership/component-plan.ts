import type { ServiceName } from '../../stack/status/types.js';
import type { ValueMap } from '../../template/value.js';
import { withoutMembers } from '../../inventory/without.js';
import { type LoadedPlan, loadPlan } from '../load-plan.js';
import type { PlayOptions } from '../options.js';
import { filesWith } from '../text-file.js';
import { kindOf } from './live-ensemble.js';

/** The plan of one component's role as a rollout over some hosts, with the inventory as it is at that step. */
export function componentPlan(request: {
  readonly component: ServiceName;
  readonly group: string;
  readonly hosts: readonly string[];
  /** Those of them that get an engine first. */
  readonly joins: readonly string[];
  readonly without: readonly string[];
  readonly variables: ValueMap;
  readonly options: PlayOptions;
}): LoadedPlan {
  const { component, group, hosts, joins, without, variables, options } = request;
  // Not a file: what is written there is always the same, and the user's own playbook stays theirs.
  const playbook = `runner:${component}`;
  return loadPlan({
    playbooks: [playbook],
    files: filesWith(playbook, playbookText({ component, group, joins })),
    inventory: (inventory) => withoutMembers(inventory, { group, hosts: without }),
    options: {
      ...options,
      limit: [hosts.join(',')],
      extraVars: [...(options.extraVars ?? []), JSON.stringify(variables)],
    },
  });
}

/** JSON is YAML. */
function playbookText(play: {
  readonly component: ServiceName;
  readonly group: string;
  readonly joins: readonly string[];
}): string {
  const { component, group, joins } = play;
  return JSON.stringify([
    // Members that run have their engine: theirs is not touched in passing.
    ...(joins.length === 0 ? [] : [{ name: 'Docker engine', hosts: joins.join(':'), roles: ['docker'] }]),
    {
      name: titles[component],
      hosts: group,
      ensemble: { kind: kindOf[component] },
      roles: [...(component === 'bamboo' ? ['rsyslog'] : []), component],
    },
  ]);
}

const titles = {
  zookeeper: 'ZooKeeper',
  'mesos-master': 'Mesos masters',
  'mesos-slave': 'Mesos agents',
  marathon: 'Marathon',
  bamboo: 'Bamboo',
} as const satisfies Readonly<Record<ServiceName, string>>;
