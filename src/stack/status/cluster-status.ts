import { assertNever } from '../../core/assert.js';
import { withMastersWord } from './mesos-slave.js';
import type { ClusterStatus, HostStatus, MasterRow, Member, Row } from './types.js';
import { bambooVerdict } from './verdicts/bamboo.js';
import { marathonVerdict } from './verdicts/marathon.js';
import { agentsVerdict } from './verdicts/mesos-agents.js';
import { mastersVerdict } from './verdicts/mesos-masters.js';
import type { ClusterView } from './verdicts/view.js';
import { zookeeperVerdict } from './verdicts/zookeeper.js';

/**
 * What all hosts together say. `members` is everything the inventory wants, also on hosts that were not asked: an
 * ensemble's size does not shrink because some of it was not looked at.
 */
export function clusterStatus(options: {
  readonly hosts: readonly HostStatus[];
  readonly members: readonly Member[];
}): ClusterStatus {
  const hosts = joined(options.hosts);
  const rows = hosts.flatMap(rowsOf);
  const view: ClusterView = { members: options.members, rows };
  const verdicts = [zookeeperVerdict, mastersVerdict, agentsVerdict, marathonVerdict, bambooVerdict].flatMap(
    (verdict) => verdict(view) ?? [],
  );
  const isIll =
    hosts.some(({ kind }) => kind === 'failed') ||
    rows.some(({ health }) => health.state === 'ill') ||
    verdicts.some(({ state }) => state === 'bad');
  const isUnreachable = hosts.some(({ kind }) => kind === 'unreachable');
  return { hosts, verdicts, outcome: isIll ? 'ill' : isUnreachable ? 'unreachable' : 'well' };
}

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

/** What one program says of another comes into the other's row. */
function joined(hosts: readonly HostStatus[]): readonly HostStatus[] {
  const elected = hosts
    .flatMap(rowsOf)
    .find((row): row is MasterRow => row.component === 'mesos-master' && row.details?.elected === true);
  return hosts.map((host) =>
    host.kind === 'asked'
      ? {
          ...host,
          rows: host.rows.map((row) => (row.component === 'mesos-slave' ? withMastersWord(row, elected) : row)),
        }
      : host,
  );
}
