import { rowsOf } from '../status/cluster-status.js';
import { bambooRule } from './rules/bamboo.js';
import { containersRule, keptRule, mesosNamesRule, socketsRule } from './rules/containers.js';
import { clocksRule, disksRule, engineRule, hostsRule } from './rules/hosts.js';
import { appsRule, marathonRule } from './rules/marathon.js';
import { agentsRule, mastersRule, workFoldersRule } from './rules/mesos.js';
import { portsRule } from './rules/ports.js';
import { agentVersionsRule, versionsRule } from './rules/versions.js';
import { adminPortRule, configurationRule, dataRule, ensembleRule, syncRule } from './rules/zookeeper.js';
import type { Examination, Finding, Rule } from './types.js';

/** What is underneath comes first: it is usually the cause of what is above. */
const rules: readonly Rule[] = [
  hostsRule,
  engineRule,
  disksRule,
  clocksRule,
  containersRule,
  socketsRule,
  portsRule,
  ensembleRule,
  syncRule,
  configurationRule,
  dataRule,
  adminPortRule,
  mastersRule,
  agentsRule,
  workFoldersRule,
  marathonRule,
  appsRule,
  bambooRule,
  versionsRule,
  agentVersionsRule,
  keptRule,
  mesosNamesRule,
];

/** Everything that is wrong, what does not work now before what will not work later. */
export function examine(examination: Examination): readonly Finding[] {
  const findings = rules.flatMap((rule) => rule(examination));
  const all = [...findings, ...unexplained(examination, findings)];
  return [...all.filter(({ severity }) => severity === 'bad'), ...all.filter(({ severity }) => severity === 'warning')];
}

/** 0: nothing was found; 3: nothing but hosts that are not reached, and what cannot be known because of them. */
export function outcomeOf(findings: readonly Finding[]): 'well' | 'ill' | 'unreachable' {
  if (findings.length === 0) return 'well';
  return findings.every(({ rule }) => rule === 'host-unreachable') ? 'unreachable' : 'ill';
}

/** What the status calls ill and no rule explains is not kept back. */
function unexplained({ cluster }: Examination, findings: readonly Finding[]): readonly Finding[] {
  return cluster.hosts.flatMap((status) => {
    const isEngineDown = findings.some(({ rule, host }) => rule === 'docker-down' && host === status.host);
    return rowsOf(status).flatMap(({ host, component, health }): readonly Finding[] => {
      const isTold = findings.some((finding) => finding.component === component && (finding.host ?? host) === host);
      if (health.state === 'well' || isTold || isEngineDown) return [];
      return [
        {
          rule: 'not-well',
          severity: 'bad',
          host,
          component,
          seen: `${component} is not well: ${health.text}`,
          why: 'The status counts it as ill, and no rule of this command knows a cause.',
          advice: 'Read what it says itself.',
          commands:
            component === 'docker' ? [`runner status -l ${host}`] : [`runner logs ${component} -l ${host} --tail 50`],
        },
      ];
    });
  });
}
