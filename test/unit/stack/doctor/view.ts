import type { Machine } from '../../../../src/stack/doctor/machine-look.js';
import type { Examination, Finding, HostExam } from '../../../../src/stack/doctor/types.js';
import { examine } from '../../../../src/stack/doctor/examine.js';
import { clusterStatus } from '../../../../src/stack/status/cluster-status.js';
import type { HostStatus, Member } from '../../../../src/stack/status/types.js';
import { captured, lab, rowsOf, type Records } from '../status/captured.js';

export const machine: Machine = {
  clockSeconds: 1_795_229_444,
  clockSynced: true,
  dockerEnabled: true,
  fileSystems: [{ mount: '/', usedPercent: 40, inodesUsedPercent: 3, freeKilobytes: 9_000_000 }],
  containerNames: [],
  staleSockets: [],
  lastWords: new Map(),
  listening: new Map(),
};

const first = captured('elected-and-leading');
const leader = captured('zookeeper-leader');
const agent = captured('agent-and-bamboo');

/** Another host's answer with the addresses of this one. */
function at(host: string, records: Records, last: { readonly from: string; readonly to: string }): HostStatus {
  const text = JSON.stringify(records).replaceAll(`198.18.0.${last.from}:`, `198.18.0.${last.to}:`);
  return { kind: 'asked', host, rows: rowsOf(host, JSON.parse(text) as Records) };
}

const well: readonly HostStatus[] = [
  { kind: 'asked', host: 'node1', rows: rowsOf('node1', first) },
  { kind: 'asked', host: 'node2', rows: rowsOf('node2', leader) },
  at('node4', agent, { from: '46', to: '46' }),
];

/** An examination of three hosts of the lab that are well, with what a test changes. */
export function examination(changes: {
  readonly hosts?: Readonly<Record<string, HostStatus>>;
  readonly exams?: Readonly<Record<string, Partial<HostExam>>>;
}): Examination {
  const asked = new Set(well.map(({ host }) => host));
  const members: readonly Member[] = lab.filter(({ host }) => asked.has(host));
  const statuses = well.map((status) => changes.hosts?.[status.host] ?? status);
  return {
    cluster: clusterStatus({ hosts: statuses, members }),
    members,
    hosts: statuses.map(({ host }) => ({ host, made: {}, machine, ...changes.exams?.[host] })),
  };
}

export function rulesOf(changes: Parameters<typeof examination>[0]): readonly string[] {
  return examine(examination(changes)).map(({ rule }) => rule);
}

/** The only finding of one rule. */
export function finding(rule: string, changes: Parameters<typeof examination>[0]): Finding {
  const found = examine(examination(changes)).filter((each) => each.rule === rule);
  const [only] = found;
  if (only === undefined || found.length > 1) throw new RangeError(`${found.length} findings of ${rule}`);
  return only;
}
