import { exitMeaning, lastLine, wantsSnapshot } from '../exit-codes.js';
import type { ContainerState } from '../../status/containers.js';
import { rowsOf } from '../../status/cluster-status.js';
import type { Row, ServiceName } from '../../status/types.js';
import type { Examination, Finding } from '../types.js';
import { examOf, membersFor, rowsFor } from './finding.js';

type ServiceRow = Exclude<Row, { readonly component: 'docker' }>;

/** So many restarts, and so short a time since the last, are a loop. */
const loopRestarts = 3;
const loopUptimeSeconds = 600;

/** Containers that are missing, that ended, or that restart again and again. */
export function containersRule(examination: Examination): readonly Finding[] {
  return examination.cluster.hosts.flatMap((status): readonly Finding[] => {
    const rows = rowsOf(status);
    const engine = rows.find(({ component }) => component === 'docker');
    if (engine?.health.state !== 'well') return [];
    return rows
      .filter((row): row is ServiceRow => row.component !== 'docker')
      .flatMap((row) =>
        row.container === undefined ? missing(row, examination) : trouble(row, row.container, examination),
      );
  });
}

function missing({ host, component, health, details }: ServiceRow, examination: Examination): readonly Finding[] {
  if (health.state === 'well' || details !== undefined) return [];
  const name = membersFor(examination, component).find((member) => member.host === host)?.container ?? component;
  return [
    {
      rule: 'container-missing',
      severity: 'bad',
      host,
      component,
      seen: `has no container \`${name}\``,
      why: `The inventory wants ${component} on this host.`,
      advice: 'Apply its playbook, which makes the container; or take the host out of the group.',
      commands: [`runner apply playbooks/cluster.yaml -l ${host}`],
    },
  ];
}

function trouble(row: ServiceRow, container: ContainerState, examination: Examination): readonly Finding[] {
  const { host, component } = row;
  const lastWords = examOf(examination, host)?.machine?.lastWords.get(container.name) ?? '';
  const { state, exitCode, restarts, uptimeSeconds = Number.POSITIVE_INFINITY } = container;
  const loops = state === 'restarting' || (restarts >= loopRestarts && uptimeSeconds < loopUptimeSeconds);
  if (!loops && state === 'running') return [];
  const meaning = exitMeaning(component, { exitCode, lastWords });
  const line = lastLine(lastWords, { isExplained: meaning !== undefined });
  const said = `${meaning === undefined ? '' : `: ${meaning}`}${line === '' ? '' : `. It last said: ${line}`}`;
  const code = state === 'running' ? '' : ` with exit code ${exitCode}`;
  const seen = loops
    ? `the container of ${component} restarts again and again (${restarts} times${code === '' ? '' : `, last${code}`})${said}`
    : `the container of ${component} ${state === 'exited' ? `has ended${code}` : `is ${state}`}${said}`;
  return [
    {
      rule: loops ? 'restart-loop' : 'container-stopped',
      severity: 'bad',
      host,
      component,
      seen,
      why: loops ? 'It never runs long enough to do its work.' : `${component} does not run on this host.`,
      ...remedyOf({ host, component, loops, wantsSnapshot: component === 'zookeeper' && wantsSnapshot(lastWords) }),
    },
  ];
}

function remedyOf(about: {
  readonly host: string;
  readonly component: ServiceName;
  readonly loops: boolean;
  readonly wantsSnapshot: boolean;
}): Pick<Finding, 'advice' | 'commands'> {
  const { host, component, loops } = about;
  const logs = `runner logs ${component} -l ${host} --tail 50`;
  if (about.wantsSnapshot) {
    return {
      advice:
        'Start the new version once with -Dzookeeper.snapshot.trust.empty=true; the upgrade command does that, for that start alone.',
      commands: ['runner upgrade zookeeper=VERSION --plan', logs],
    };
  }
  return loops
    ? { advice: 'Read what it says, mend that, and apply its playbook.', commands: [logs] }
    : {
        advice: 'Start it; if it ends again, its log says why.',
        commands: [`runner start ${component} -l ${host}`, logs],
      };
}

/** Containers that a replacement has left: a step that was cut off, or an old one that was kept. */
export function keptRule(examination: Examination): readonly Finding[] {
  return rowsFor(examination, 'docker').flatMap(({ host, details }) => {
    const kept = details?.kept ?? [];
    if (kept.length === 0) return [];
    return [
      {
        rule: 'kept-containers',
        severity: 'warning' as const,
        host,
        component: 'docker',
        seen: `keeps replaced containers: ${kept.join(', ')}`,
        why: 'They are kept for going back; a rollout that came to its end takes them away, so one was cut off or failed here.',
        advice: 'Run the same upgrade or apply again: it goes on where it was cut off and takes them away.',
        commands: ['runner runs', `runner exec ${host} -b -- docker ps -a --filter label=runner.component`],
      },
    ];
  });
}

/** Containers that talk to an engine's socket that is no more; an agent without its engine starts and ends no task. */
export function socketsRule(examination: Examination): readonly Finding[] {
  return examination.hosts.flatMap(({ host, machine }) =>
    (machine?.staleSockets ?? []).map((name): Finding => {
      const member = examination.members.find((each) => each.host === host && each.container === name);
      return {
        rule: 'stale-socket',
        severity: 'bad',
        host,
        ...(member === undefined ? {} : { component: member.component }),
        seen: `the container ${name} holds a Docker socket that is no more`,
        why: 'docker.socket was stopped and started, which makes its file anew: the container reaches no engine. An agent starts and ends no task then.',
        advice: 'Restart it; tasks of an agent go on meanwhile.',
        // Not by `runner restart`: its gate would wait for as many tasks as before, and the agent ends what it could not end.
        commands: [`runner exec ${host} -b -- docker restart ${name}`],
      };
    }),
  );
}

/** Mesos' own names end in an id of a container: "mesos-<uuid>" or "mesos-<agent>.<uuid>". */
const ownName = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Names that an agent takes for orphans of its own. */
export function mesosNamesRule(examination: Examination): readonly Finding[] {
  return membersFor(examination, 'mesos-slave').flatMap(({ host }) => {
    const names = examOf(examination, host)?.machine?.containerNames ?? [];
    const endangered = names.filter((name) => name.startsWith('mesos-') && !ownName.test(name));
    return endangered.map((name): Finding => ({
      rule: 'mesos-name',
      severity: 'bad',
      host,
      component: 'mesos-slave',
      seen: `has a container named \`${name}\` beside a Mesos agent`,
      why: 'When it recovers, the agent stops containers whose names begin with `mesos-` and which it does not know (1.2.0 and later spare names that are no UUID).',
      advice: 'Make it again under another name.',
      commands: [`runner exec ${host} -b -- docker rename ${name} ${name.replace(/^mesos-/, '')}`],
    }));
  });
}
