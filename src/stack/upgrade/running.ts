import { rowsOf } from '../status/cluster-status.js';
import type { ClusterStatus, Member, Row } from '../status/types.js';
import { compareVersions, versionOf } from '../version.js';
import type { Part } from './components.js';

/** One program as the live cluster told of it. */
export interface RunningMember {
  readonly host: string;
  /** Undefined: it does not say, and neither does its image. */
  readonly version: string | undefined;
  readonly leads: boolean;
  /** Why it is not well; undefined: it is. */
  readonly ill?: string;
  /** Its container runs, whether it serves or not. */
  readonly runs: boolean;
  /** A step that was cut off has left a replaced or stopped container here: the next run goes on with it. */
  readonly unfinished: boolean;
}

/** Every member of a part, in the inventory's order; hosts that did not answer have none. */
export type Running = ReadonlyMap<Part, readonly RunningMember[]>;

/** What runs, by part, as the hosts said it. */
export function runningIn(cluster: ClusterStatus, members: readonly Member[]): Running {
  const running = new Map<Part, RunningMember[]>();
  for (const host of cluster.hosts) {
    const rows = rowsOf(host);
    const engine = rows.find((row) => row.component === 'docker')?.details;
    for (const row of rows) {
      const container = members.find(
        ({ host, component }) => host === row.host && component === row.component,
      )?.container;
      const isUnfinished =
        container !== undefined &&
        engine !== undefined &&
        (engine.unfinished.includes(container) || engine.kept.some((name) => name.startsWith(`${container}.old-`)));
      running.set(row.component, [...(running.get(row.component) ?? []), memberOf(row, isUnfinished)]);
    }
  }
  return running;
}

function memberOf(row: Row, unfinished: boolean): RunningMember {
  const { host, health, role, container } = row;
  return {
    host,
    version: versionOf(row.version.running),
    leads: role === 'leader' || role === 'elected',
    unfinished,
    runs: container?.state === 'running',
    ...(health.state === 'ill' ? { ill: health.text } : {}),
  };
}

/** The versions that run, each once, oldest first. */
export function versionsOf(members: readonly RunningMember[]): readonly string[] {
  const versions = members.flatMap(({ version }) => version ?? []);
  return [...new Set(versions)].toSorted(compareVersions);
}
