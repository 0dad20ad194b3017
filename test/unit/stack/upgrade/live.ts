import { clusterStatus } from '../../../../src/stack/status/cluster-status.js';
import type { HostStatus, Member, Row, ServiceName } from '../../../../src/stack/status/types.js';
import type { LiveCluster } from '../../../../src/stack/upgrade/problems.js';
import { runningIn } from '../../../../src/stack/upgrade/running.js';
import { readTargets, type Target } from '../../../../src/stack/upgrade/targets.js';

/** What one program of a made-up cluster is. */
export interface Program {
  readonly host: string;
  readonly component: ServiceName;
  readonly version?: string;
  readonly leads?: boolean;
  readonly ill?: string;
  /** Its container runs although it is ill. */
  readonly runs?: boolean;
  /** A replaced container is kept beside it. */
  readonly kept?: boolean;
  /** A step of it has begun and is not proved. */
  readonly begun?: boolean;
}

/** A cluster in which all programs say what they are given; hosts in `away` do not answer. */
export function liveOf(programs: readonly Program[], away: readonly string[] = []): LiveCluster {
  const members: readonly Member[] = programs.map(({ host, component }) => ({
    host,
    component,
    endpoint: `${host}:1`,
    container: component,
  }));
  const names = [...new Set(programs.map(({ host }) => host))];
  const hosts = names.map((host): HostStatus => {
    if (away.includes(host)) return { kind: 'unreachable', host, reason: 'the connection is refused' };
    const own = programs.filter((program) => program.host === host);
    return { kind: 'asked', host, rows: [engineRow(host, own), ...own.map(rowOf)] };
  });
  const cluster = clusterStatus({ hosts, members });
  return { cluster, members, running: runningIn(cluster, members) };
}

function engineRow(host: string, own: readonly Program[]): Row {
  const kept = own.filter((program) => program.kept === true).map(({ component }) => `${component}.old-1a2b`);
  const unfinished = own.filter((program) => program.begun === true).map(({ component }) => component);
  return {
    host,
    component: 'docker',
    image: {},
    version: { running: '20.10.24' },
    health: { state: 'well', text: 'runs' },
    details: { engineVersion: '20.10.24', running: 1, containers: 1, liveRestore: true, kept, unfinished },
  };
}

function rowOf({ host, component, version, leads = false, ill, runs = false }: Program): Row {
  const base = {
    host,
    endpoint: `${host}:1`,
    image: {},
    ...(runs ? { container: { name: component, image: 'i:1', state: 'running', exitCode: 0, restarts: 0 } } : {}),
    version: version === undefined ? {} : { running: version },
    health: ill === undefined ? ({ state: 'well', text: 'serves' } as const) : ({ state: 'ill', text: ill } as const),
  };
  const answers = ill === undefined;
  switch (component) {
    case 'zookeeper': {
      const mode = leads ? 'leader' : 'follower';
      return { ...base, component, ...(answers ? { role: mode, details: { mode } } : {}) };
    }
    case 'mesos-master': {
      const agents = answers && leads ? agentsSeen : [];
      const details = { elected: leads, leader: 'leader:1', agents } as const;
      return { ...base, component, ...(answers ? { role: leads ? 'elected' : 'standby', details } : {}) };
    }
    case 'mesos-slave':
      return { ...base, component, ...(answers ? { details: { registered: true, recoveryErrors: 0 } } : {}) };
    case 'marathon': {
      const details = { standby: !leads, leader: 'leader:1', apps: [] } as const;
      return { ...base, component, ...(answers ? { role: leads ? 'leader' : 'standby', details } : {}) };
    }
    case 'bamboo':
      return {
        ...base,
        component,
        ...(answers ? { details: { apps: [], rules: {}, haproxy: { backends: {} } } } : {}),
      };
  }
}

const agentsSeen = ['a1', 'a2', 'a3'].map((host) => ({
  id: host,
  endpoint: `${host}:1`,
  active: true,
  hostname: host,
}));

/** Members of one component, node1 to nodeN, the first leading. */
export function ensemble(component: ServiceName, versions: readonly string[], prefix = 'node'): readonly Program[] {
  return versions.map((version, index) => ({
    host: `${prefix}${index + 1}`,
    component,
    version,
    leads: index === 0,
  }));
}

/** The targets of words that are right. */
export function targetsOf(...words: readonly string[]): readonly Target[] {
  const { targets, diagnostics } = readTargets(words);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return targets;
}
