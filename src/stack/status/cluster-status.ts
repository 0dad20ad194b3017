import { assertNever } from '../../core/assert.js';
import { appsOf } from './apps.js';
import { withLastChange, type RecordedChange } from './last-change.js';
import { withMastersWord } from './mesos-slave.js';
import type { ClusterStatus, HostStatus, MasterRow, Member, Row } from './types.js';
import { appsVerdict } from './verdicts/apps.js';
import { bambooVerdict } from './verdicts/bamboo.js';
import { marathonVerdict } from './verdicts/marathon.js';
import { agentsVerdict } from './verdicts/mesos-agents.js';
import { mastersVerdict } from './verdicts/mesos-masters.js';
import type { ClusterView } from './verdicts/view.js';
import { zookeeperVerdict } from './verdicts/zookeeper.js';

/**
 * What all hosts together say. `members` is everything the inventory wants, also on hosts that were not asked: an
 * ensemble's size does not shrink because some of it was not looked at. `changes` is what runs have recorded, newest first.
 */
export function clusterStatus(options: {
  readonly hosts: readonly HostStatus[];
  readonly members: readonly Member[];
  readonly changes?: readonly RecordedChange[];
}): ClusterStatus {
  const hosts = joined(options.hosts, options.changes ?? []);
  const rows = hosts.flatMap(rowsOf);
  const view: ClusterView = { members: options.members, rows };
  const verdicts = judges.flatMap((verdict) => verdict(view) ?? []);
  const apps = appsOf(rows);
  const isIll =
    hosts.some(({ kind }) => kind === 'failed') ||
    rows.some(({ health }) => health.state === 'ill') ||
    verdicts.some(({ state }) => state === 'bad');
  const isUnreachable = hosts.some(({ kind }) => kind === 'unreachable');
  const outcome = isIll ? 'ill' : isUnreachable ? 'unreachable' : 'well';
  return { hosts, verdicts, ...(apps === undefined ? {} : { apps }), outcome };
}

const judges = [zookeeperVerdict, mastersVerdict, agentsVerdict, marathonVerdict, appsVerdict, bambooVerdict];

/** The rows of a host; none when it was not asked. */
export function rowsOf(host: HostStatus): readonly Row[] {
  switch (host.kind) {
    case 'asked':
      return host.rows;
    case 'unreachable':
    case 'failed':
      return [];
    default:
      return assertNever(host);
  }
}

/** What one program says of another, and what runs have recorded, comes into the rows. */
function joined(hosts: readonly HostStatus[], changes: readonly RecordedChange[]): readonly HostStatus[] {
  const elected = hosts
    .flatMap(rowsOf)
    .find((row): row is MasterRow => row.component === 'mesos-master' && row.details?.elected === true);
  const withOthers = (row: Row): Row => (row.component === 'mesos-slave' ? withMastersWord(row, elected) : row);
  return hosts.map((host) =>
    host.kind === 'asked' ? { ...host, rows: host.rows.map((row) => withLastChange(withOthers(row), changes)) } : host,
  );
}
