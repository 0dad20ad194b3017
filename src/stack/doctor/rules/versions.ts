import { agentProblem } from '../../compatibility.js';
import { compareVersions, sameVersion } from '../../version.js';
import type { Row, ServiceName } from '../../status/types.js';
import type { Examination, Finding } from '../types.js';
import { rowsFor } from './finding.js';

/** What `runner upgrade` calls the versions of a component; agents and masters go together. */
const upgradeNames: Readonly<Record<ServiceName, string>> = {
  zookeeper: 'zookeeper',
  'mesos-master': 'mesos',
  'mesos-slave': 'mesos',
  marathon: 'marathon',
  bamboo: 'bamboo',
};

/** Members of one component in several versions, or all in another than the inventory wants. */
export function versionsRule(examination: Examination): readonly Finding[] {
  return (Object.keys(upgradeNames) as ServiceName[]).flatMap((component): readonly Finding[] => {
    const rows: readonly Row[] = rowsFor(examination, component);
    const running = new Map<string, string[]>();
    for (const { host, version } of rows)
      if (version.running !== undefined) running.set(version.running, [...(running.get(version.running) ?? []), host]);
    const wanted = rows.flatMap(({ version }) => version.wanted ?? [])[0];
    const parts = [...running].map(([version, hosts]) => `${version} on ${hosts.join(', ')}`);
    if (running.size > 1) {
      // Only forward: what is wanted may be what an upgrade without `--save` came from.
      const goal =
        [...running.keys(), ...(wanted === undefined ? [] : [wanted])].toSorted(compareVersions).at(-1) ?? '';
      return [
        {
          rule: 'version-mix',
          severity: 'warning',
          component,
          seen: `${component} runs in several versions: ${parts.join('; ')}`,
          why: 'An upgrade did not come to its end. A mix works for the time of a rollout, and is not meant to last.',
          advice: 'Run the upgrade again: it goes on with the members that are left.',
          commands: [`runner upgrade ${upgradeNames[component]}=${goal} --plan`],
        },
      ];
    }
    const [version] = running.keys();
    if (version === undefined || wanted === undefined || sameVersion(version, wanted)) return [];
    return [
      {
        rule: 'version-not-wanted',
        severity: 'warning',
        component,
        seen: `${component} runs ${version} everywhere, and the inventory wants ${wanted}`,
        why: 'The next apply would replace the containers.',
        ...(compareVersions(wanted, version) > 0
          ? {
              advice: 'Upgrade member by member, or write the version that runs into the inventory.',
              commands: [`runner upgrade ${upgradeNames[component]}=${wanted} --plan`],
            }
          : {
              advice: `Write ${version} into the inventory: it was upgraded without \`--save\`, and the way back is refused where it is dangerous.`,
              commands: ['runner apply playbooks/cluster.yaml --check'],
            }),
      },
    ];
  });
}

/** Agents that the masters of the cluster refuse, or that are newer than they. */
export function agentVersionsRule(examination: Examination): readonly Finding[] {
  const masters = rowsFor(examination, 'mesos-master').flatMap(({ version }) => version.running ?? []);
  const oldest = masters.toSorted(compareVersions)[0];
  if (oldest === undefined) return [];
  return rowsFor(examination, 'mesos-slave').flatMap(({ host, version }) => {
    const problem = version.running === undefined ? undefined : agentProblem(version.running, oldest);
    if (problem === undefined) return [];
    return [
      {
        rule: 'agent-version',
        severity: 'bad' as const,
        host,
        component: 'mesos-slave',
        seen: `has an agent that does not go with the masters: ${problem}`,
        why: 'The masters may refuse it, and its tasks with it.',
        advice: 'Masters go before agents.',
        commands: ['runner upgrade mesos=VERSION --plan'],
      },
    ];
  });
}
