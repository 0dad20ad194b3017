import { setTimeout as sleep } from 'node:timers/promises';
import { InternalError } from '../../core/assert.js';
import { spanOfFlag } from '../../core/span.js';
import { matchHosts } from '../../inventory/pattern.js';
import { ModuleFailure } from '../../modules/types.js';
import { unmetWords } from '../../rollout/gate.js';
import type { Ensemble, MemberReply, MemberVariables, Observation } from '../../rollout/types.js';
import { stackEnsembles } from '../../stack/ensembles/catalogue.js';
import type { ServiceName } from '../../stack/status/types.js';
import type { ValueMap } from '../../template/value.js';
import type { OpenCluster } from '../open-cluster.js';
import { componentGroup } from './group.js';

/** The kind of ensemble that a component is rolled as. */
export const kindOf = {
  zookeeper: 'zookeeper',
  'mesos-master': 'mesos-master',
  'mesos-slave': 'mesos-agent',
  marathon: 'marathon',
  bamboo: 'bamboo',
} as const satisfies Readonly<Record<ServiceName, string>>;

export interface LiveEnsemble {
  readonly ensemble: Ensemble;
  /** Hosts of the group that count, in the inventory's order. */
  readonly hosts: readonly string[];
  observe(
    before?: Observation,
  ): Promise<{ readonly observation: Observation; readonly unreached: ReadonlySet<string> }>;
}

/**
 * A component's ensemble as its kind sees it, without some hosts of its group: those that have left or are still to come.
 * `variables` win over all others.
 */
export function liveEnsemble(request: {
  readonly cluster: OpenCluster;
  readonly component: ServiceName;
  readonly without?: readonly string[];
  readonly variables?: ValueMap;
}): LiveEnsemble {
  const { cluster, component, without = [], variables = {} } = request;
  const kind = stackEnsembles.find(kindOf[component]);
  if (kind === undefined) throw new InternalError(`there is no kind of ensemble for ${component}`);
  const group = componentGroup(cluster, component);
  const members = [...cluster.inventory.hosts.keys()].map((host): MemberVariables => {
    const own = cluster.variablesOf(host);
    const { address, groups } = own;
    return {
      host,
      address,
      groups: without.includes(host) ? groups.filter((name) => name !== group) : groups,
      read: (name) => variables[name] ?? own.read(name),
      setting: () => undefined,
    };
  });
  const hosts = members.filter(({ groups }) => groups.includes(group)).map(({ host }) => host);
  const ensemble = kind.open({
    hosts: members,
    playHosts: hosts,
    allPlayHosts: hosts,
    match: (pattern) => {
      const found = matchHosts({ pattern, inventory: cluster.inventory }).hosts;
      return found.length === 0 ? undefined : found;
    },
    settings: {},
    span: spanOfFlag(component),
  });
  return {
    ensemble,
    hosts,
    observe: async (before) => {
      const replies = new Map<string, MemberReply>();
      await Promise.all(
        ensemble.members.map(async (host) => replies.set(host, await ask({ cluster, host, ensemble }))),
      );
      const unreached = new Set([...replies].flatMap(([host, { kind }]) => (kind === 'unreached' ? [host] : [])));
      return { observation: ensemble.observe(replies, before), unreached };
    },
  };
}

async function ask(question: {
  readonly cluster: OpenCluster;
  readonly host: string;
  readonly ensemble: Ensemble;
}): Promise<MemberReply> {
  const { cluster, host, ensemble } = question;
  try {
    return { kind: 'reply', reply: await cluster.run(host, ensemble.look(host)) };
  } catch (error) {
    const reason = cluster.troubleOf(error);
    if (reason === undefined) throw error;
    return { kind: 'unreached', reason };
  }
}

/** Waits until an ensemble is well as often in a row as its kind wants. Throws ModuleFailure with what was last wrong. */
export async function waitUntilWell(
  live: LiveEnsemble,
  options: {
    readonly signal: AbortSignal;
    readonly before?: Observation;
    readonly also?: (observation: Observation) => string | undefined;
  },
): Promise<void> {
  const { inARow, intervalSeconds, deadlineSeconds } = live.ensemble.timing;
  const deadline = Date.now() + deadlineSeconds * 1000;
  let good = 0;
  let last = '';
  while (good < inARow) {
    const { observation } = await live.observe(options.before);
    const [unmet] = observation.unmet;
    const problem = unmet === undefined ? options.also?.(observation) : unmetWords(unmet);
    good = problem === undefined ? good + 1 : 0;
    last = problem ?? last;
    if (good >= inARow) return;
    if (Date.now() > deadline)
      throw new ModuleFailure(`${live.ensemble.title} is not well within ${deadlineSeconds} s: ${last}`);
    await sleep(intervalSeconds * 1000, undefined, { signal: options.signal });
  }
}
