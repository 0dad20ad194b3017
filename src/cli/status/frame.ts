import { changeNotes, type ProgramChange } from '../../report/status-changes.js';
import { statusTableLines, type StatusHost, type StatusRow, type StatusTable } from '../../report/status-table.js';
import type { ClusterStatus, HostStatus, LastChange, Row } from '../../stack/status/types.js';
import type { OutputOptions } from '../options.js';
import { colorsFor } from '../terminal.js';

/** What is shown of a cluster at one moment; compared with the moment before to mark what is new. */
export interface Frame {
  readonly table: StatusTable;
}

export function frameOf(cluster: ClusterStatus, options: { readonly now: Date; readonly before?: Frame }): Frame {
  const { now, before } = options;
  const secondsAgo = ({ at }: LastChange): number => Math.max(0, (now.getTime() - Date.parse(at)) / 1000);
  const hosts = cluster.hosts.map((host) => drawnHost(host, secondsAgo));
  const changes = cluster.hosts.flatMap((host) =>
    host.kind === 'asked' ? host.rows.flatMap((row) => changeOf(row, secondsAgo)) : [],
  );
  const apps = (cluster.apps ?? []).map(({ route = '', ...app }) => ({ ...app, route }));
  const table: StatusTable = { hosts, verdicts: cluster.verdicts, notes: changeNotes(changes), apps };
  return { table: before === undefined ? table : withMarks(table, before.table) };
}

/** The frame in lines, as wide as the terminal; anywhere else each row is on one line. `rows` is the height it must fit into. */
export function frameLines(
  { table }: Frame,
  options: OutputOptions,
  { rows }: { readonly rows?: number } = {},
): readonly string[] {
  const columns = options.output === 'plain' ? undefined : process.stdout.columns;
  return statusTableLines(table, {
    colors: colorsFor(options),
    ...(columns === undefined ? {} : { columns }),
    ...(rows === undefined ? {} : { rows }),
  });
}

function drawnHost(host: HostStatus, secondsAgo: (change: LastChange) => number): StatusHost {
  switch (host.kind) {
    case 'asked':
      return { name: host.host, rows: host.rows.map((row) => drawnRow(row, secondsAgo)) };
    case 'unreachable':
      return { name: host.host, rows: [], problem: `not reached: ${host.reason}` };
    case 'failed':
      return { name: host.host, rows: [], problem: host.reason };
  }
}

function drawnRow(row: Row, secondsAgo: (change: LastChange) => number): StatusRow {
  const { component, role, version, health, uptimeSeconds, lastChange } = row;
  return {
    component,
    version,
    state: health.state === 'well' ? 'ok' : 'bad',
    text: health.text,
    ...(role === undefined ? {} : { role }),
    ...(uptimeSeconds === undefined ? {} : { uptimeSeconds }),
    ...(lastChange === undefined ? {} : { changedSecondsAgo: secondsAgo(lastChange) }),
  };
}

function changeOf(row: Row, secondsAgo: (change: LastChange) => number): readonly ProgramChange[] {
  const { host, component, lastChange } = row;
  if (lastChange === undefined) return [];
  const { run, by } = lastChange;
  const who = { ...(run === undefined ? {} : { run }), ...(by === undefined ? {} : { by }) };
  return [{ host, component, secondsAgo: secondsAgo(lastChange), ...who }];
}

function withMarks(table: StatusTable, before: StatusTable): StatusTable {
  const hosts = table.hosts.map((host) => {
    const known = before.hosts.find(({ name }) => name === host.name);
    const rows = host.rows.map((row) => {
      const isNew = !isSame(
        row,
        known?.rows.find(({ component }) => component === row.component),
      );
      return isNew ? { ...row, isNew } : row;
    });
    return { ...host, rows, ...(host.problem === known?.problem ? {} : { isNew: true }) };
  });
  return { ...table, hosts };
}

function isSame(row: StatusRow, before: StatusRow | undefined): boolean {
  if (before === undefined) return false;
  const wordsOf = ({ role, version, state, text }: StatusRow): string => JSON.stringify([role, version, state, text]);
  // An uptime that falls is a restart; the rest of its changes is time going by.
  const hasRestarted = (row.uptimeSeconds ?? 0) < (before.uptimeSeconds ?? 0);
  return wordsOf(row) === wordsOf(before) && !hasRestarted;
}
