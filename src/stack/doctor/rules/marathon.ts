import type { MarathonRow } from '../../status/types.js';
import { listed } from '../../status/words.js';
import type { Examination, Finding } from '../types.js';
import { membersFor, notHeard, rowsFor } from './finding.js';

const component = 'marathon';

/** One leader that all instances name. */
export function marathonRule(examination: Examination): readonly Finding[] {
  const rows = rowsFor(examination, component);
  const size = membersFor(examination, component).length;
  const answering = rows.filter(({ details }) => details !== undefined);
  const byLeader = new Map<string, string[]>();
  for (const { host, details } of answering) {
    const leader = details?.leader ?? '';
    byLeader.set(leader, [...(byLeader.get(leader) ?? []), host]);
  }
  const named = [...byLeader].filter(([leader]) => leader !== '');
  const logs = 'runner logs marathon --tail 50';
  if (named.length > 1) {
    const who = named
      .map(([leader, hosts]) => `${listed(hosts)} name${hosts.length === 1 ? 's' : ''} ${leader}`)
      .join('; ');
    return [
      {
        rule: 'marathon-several-leaders',
        severity: 'bad',
        component,
        seen: `the instances of Marathon name different leaders: ${who}`,
        why: 'Two leaders start and kill the same apps against each other. Versions before 1.3 elect in another way than later ones.',
        advice: 'Look whether all run one version and reach one ZooKeeper; stop the older ones.',
        commands: ['runner status', logs],
      },
    ];
  }
  const [only] = named;
  if (answering.length > 0 && only === undefined) {
    return [
      {
        rule: 'marathon-no-leader',
        severity: 'bad',
        component,
        seen: `no Marathon leads; ${answering.length} of ${size} answer`,
        why: 'Apps that run go on, but none is started, scaled or replaced.',
        advice: 'Its leader is elected in ZooKeeper and needs an elected Mesos master: look at both first.',
        commands: ['runner status', logs],
      },
    ];
  }
  if (only !== undefined && isStranger(only[0], rows) && notHeard(examination, component).length === 0) {
    return [
      {
        rule: 'marathon-stranger-leads',
        severity: 'bad',
        component,
        seen: `${only[0]} leads Marathon, which is no instance of the inventory; ${listed(only[1])} stand${only[1].length === 1 ? 's' : ''} by for it`,
        why: 'Nobody upgrades, restarts or watches it: an instance that was replaced and came back with its host, or one of another cluster on the same znode.',
        advice:
          'Remove its container there (`docker rm --force marathon`), and another one leads; or write its host into the group marathon.',
        commands: ['runner status', logs],
      },
    ];
  }
  const nobody = rows.length > 0 && answering.length === 0 && notHeard(examination, component).length === 0;
  if (!nobody) return [];
  return [
    {
      rule: 'marathon-down',
      severity: 'bad',
      component,
      seen: `none of the ${size} instances of Marathon answers`,
      why: 'Apps that run go on for a week (failover_timeout), but none is started, scaled or replaced.',
      advice: 'Start it.',
      commands: ['runner start marathon', logs],
    },
  ];
}

/** Whether none of the instances that were heard is the one that is named. It may announce a name of its own. */
function isStranger(leader: string, rows: readonly MarathonRow[]): boolean {
  return rows.every(({ role, endpoint }) => role !== 'leader' && endpoint !== leader);
}

/** Apps that lack instances although nothing is being deployed. */
export function appsRule(examination: Examination): readonly Finding[] {
  const apps = examination.cluster.apps ?? [];
  const isDeploying = rowsFor(examination, component).some(({ details }) => (details?.deployments ?? 0) > 0);
  return apps
    .filter(({ running, instances }) => running < instances)
    .map(({ id, running, instances }): Finding => ({
      rule: 'app-lacks-instances',
      severity: isDeploying ? 'warning' : 'bad',
      component,
      seen: `the app ${id} runs ${running} of ${instances} instances${isDeploying ? ', while a deployment is under way' : ''}`,
      why: 'It has less than what was asked for.',
      advice: 'No agent has enough free resources, its image cannot be pulled, or its tasks end at once.',
      commands: ['runner logs marathon --tail 50', 'runner logs mesos-slave --tail 50'],
    }));
}
