import { hostFolder, mesosFlag } from '../../ensembles/container-made.js';
import { listed } from '../../status/words.js';
import type { Examination, Finding } from '../types.js';
import { membersFor, notHeard, rowsFor } from './finding.js';

/** One elected master, and replicas of the log that vote. */
export function mastersRule(examination: Examination): readonly Finding[] {
  const rows = rowsFor(examination, 'mesos-master');
  const size = membersFor(examination, 'mesos-master').length;
  if (size === 0) return [];
  const component = 'mesos-master';
  const elected = rows.filter(({ details }) => details?.elected === true).map(({ host }) => host);
  const findings: Finding[] = [];
  if (elected.length > 1) {
    findings.push({
      rule: 'two-masters-elected',
      severity: 'bad',
      component,
      seen: `${listed(elected)} both say they are elected`,
      why: 'Each gives out offers of its own: tasks run twice or get lost.',
      advice:
        'Restart the one that ZooKeeper does not name; masters that reach different ensembles are never one cluster.',
      commands: elected.map((host) => `runner logs mesos-master -l ${host} --tail 50`),
    });
  }
  if (elected.length === 0 && rows.length > 0 && notHeard(examination, component).length === 0) {
    const running = rows.filter(({ details }) => details !== undefined).length;
    findings.push({
      rule: 'no-master-elected',
      severity: 'bad',
      component,
      seen: `no Mesos master is elected; ${running} of ${size} answer`,
      why: 'Tasks that run go on, but nothing new starts and nothing that fails is replaced.',
      advice: 'Masters are elected in ZooKeeper: look at that first, then start the masters that are down.',
      commands: ['runner start mesos-master', 'runner logs mesos-master --tail 50'],
    });
  }
  const deaf = rows.filter(({ details }) => details?.recovered === false);
  const replicas = deaf.map(({ host }): Finding => ({
    rule: 'master-not-recovered',
    severity: 'warning',
    host,
    component,
    seen: 'has a master whose replica of the log has not recovered',
    why: 'It does not vote yet: with another one down the masters would have no quorum.',
    advice: 'Wait before the next master is touched; a quorum of recovered masters is needed for it.',
    commands: ['runner status --watch'],
  }));
  return [...findings, ...replicas];
}

/** Agents that the elected master does not count. */
export function agentsRule(examination: Examination): readonly Finding[] {
  const hasElected = rowsFor(examination, 'mesos-master').some(({ details }) => details?.elected === true);
  return rowsFor(examination, 'mesos-slave').flatMap(({ host, details }): readonly Finding[] => {
    if (details === undefined) return [];
    const base = { severity: 'bad', host, component: 'mesos-slave' } as const;
    const commands = [`runner logs mesos-slave -l ${host} --tail 50`, `runner restart mesos-slave -l ${host}`];
    if (details.recoveryErrors > 0) {
      return [
        {
          ...base,
          rule: 'agent-recovery-errors',
          seen: `has an agent with ${details.recoveryErrors} errors from recovering its state`,
          why: 'Tasks of before its restart may run on without anybody knowing them.',
          advice: 'Drain it, then remove `meta/slaves/latest` of its work folder so that it comes back as a new agent.',
          commands: [`runner logs mesos-slave -l ${host} --tail 50`],
        },
      ];
    }
    if (!hasElected || (details.registered && details.active !== false)) return [];
    const seen = details.registered
      ? 'has an agent that the elected master does not list as active'
      : 'has an agent that has not registered with a master';
    const why = 'Nothing new is placed on it, and after 75 s of silence its tasks count as lost.';
    const advice =
      'Its log says why: another master, a changed address, resources or attributes that are not those of before.';
    return [{ ...base, rule: 'agent-inactive', seen, why, advice, commands }];
  });
}

/** Work folders that go with their container. */
export function workFoldersRule({ hosts }: Examination): readonly Finding[] {
  return hosts.flatMap(({ host, made }) =>
    (['mesos-master', 'mesos-slave'] as const).flatMap((component): readonly Finding[] => {
      const found = made[component];
      const folder = mesosFlag(found, 'work_dir');
      if (found === undefined || folder === undefined || hostFolder(found, folder) !== undefined) return [];
      return [
        {
          rule: 'work-dir-in-container',
          severity: 'bad',
          host,
          component,
          seen: `${component} keeps its work folder ${folder} inside its container`,
          why:
            component === 'mesos-master'
              ? 'A replaced master comes back with an empty log and votes without knowing what was decided.'
              : 'A replaced agent comes back under another id, and its tasks are lost.',
          advice: 'Mount a folder of the host there; one host at a time, the agent drained first.',
          commands: [`runner plan playbooks/mesos.yaml -l ${host}`],
        },
      ];
    }),
  );
}
