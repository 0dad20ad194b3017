import { columnsOf } from '../core/visible.js';
import { cleanLine } from './clean.js';
import type { Colors } from './colors.js';
import { fill, padded, shortened, wrapped } from './cells.js';

/** The cluster as it is drawn; texts may come from hosts, they are cleaned here. */
export interface StatusTable {
  readonly hosts: readonly { readonly name: string; readonly rows: readonly StatusRow[] }[];
  readonly verdicts: readonly StatusVerdict[];
}

export interface StatusRow {
  readonly component: string;
  readonly role?: string;
  readonly version?: { readonly wanted?: string; readonly running?: string };
  readonly state: StatusWord;
  /** Why, in plain words. */
  readonly text: string;
  readonly uptimeSeconds?: number;
}

export interface StatusVerdict {
  readonly subject: string;
  readonly state: 'ok' | 'bad' | 'unknown';
  readonly sentence: string;
}

export type StatusWord = 'ok' | 'bad' | 'unknown' | 'unreachable';

export interface StatusTableOptions {
  /** Width of the terminal; undefined: as wide as it gets, each row on one line with its host's name. */
  readonly columns?: number;
  readonly colors: Colors;
}

interface Column {
  readonly title: string;
  readonly cell: (row: StatusRow) => string;
  readonly paint?: (text: string, row: StatusRow, colors: Colors) => string;
}

const columns: readonly Column[] = [
  { title: 'COMPONENT', cell: (row) => row.component },
  {
    title: 'ROLE',
    cell: (row) => row.role ?? '',
    paint: (text, row, colors) => (leads(row) ? colors.bold(text) : text),
  },
  { title: 'VERSION', cell: versionText, paint: (text, row, colors) => (isAsWanted(row) ? text : colors.yellow(text)) },
  { title: 'UPTIME', cell: (row) => (row.uptimeSeconds === undefined ? '' : uptimeText(row.uptimeSeconds)) },
];

const gap = '  ';
/** What a wrapped column keeps even where the rest leaves less. */
const leastText = 16;

/** One line a program, the verdicts below. The last column takes the room that is left and wraps in it. */
export function statusTableLines(table: StatusTable, options: StatusTableOptions): readonly string[] {
  return [...rowLines(table, options), '', ...verdictLines(table.verdicts, options)];
}

function rowLines(table: StatusTable, options: StatusTableOptions): readonly string[] {
  const { colors, columns: width } = options;
  const rows = table.hosts.flatMap((host) =>
    host.rows.map((row, index) => ({ host: host.name, row, isFirst: index === 0 })),
  );
  const longestHost = Math.max(4, ...rows.map(({ host }) => columnsOf(cleanLine(host))));
  const hostWidth = width === undefined ? longestHost : Math.min(longestHost, Math.max(12, Math.floor(width / 5)));
  const shown = columns.map((column) => ({
    ...column,
    width: Math.max(column.title.length, ...rows.map(({ row }) => columnsOf(cleanLine(column.cell(row))))),
  }));
  const stateWidth = Math.max(6, ...rows.map(({ row }) => row.state.length));
  const before =
    hostWidth +
    shown.reduce((sum, column) => sum + column.width + gap.length, 0) +
    gap.length +
    stateWidth +
    gap.length;
  const header = [
    padded('HOST', hostWidth),
    ...shown.map((column) => padded(column.title, column.width)),
    'HEALTH',
  ].join(gap);
  const lines = rows.flatMap(({ host, row, isFirst }) => {
    const name = isFirst || width === undefined ? shortened(cleanLine(host), hostWidth) : '';
    const cells = shown.map((column) => {
      const text = padded(cleanLine(column.cell(row)), column.width);
      return column.paint === undefined ? text : column.paint(text, row, colors);
    });
    const [first = '', ...rest] = wrapped(cleanLine(row.text), room(width, before));
    const start = [
      padded(name, hostWidth),
      ...cells,
      paintWord(row.state, padded(row.state, stateWidth), colors),
      first,
    ].join(gap);
    return [start.trimEnd(), ...rest.map((line) => `${fill(before)}${line}`)];
  });
  return [colors.bold(header), ...lines];
}

function verdictLines(
  verdicts: readonly StatusVerdict[],
  { columns: width, colors }: StatusTableOptions,
): readonly string[] {
  const stateWidth = Math.max(0, ...verdicts.map(({ state }) => state.length));
  const subjectWidth = Math.max(0, ...verdicts.map(({ subject }) => subject.length));
  const before = stateWidth + subjectWidth + 2 * gap.length;
  return verdicts.flatMap(({ subject, state, sentence }) => {
    const [first = '', ...rest] = wrapped(cleanLine(sentence), room(width, before));
    const start = [paintWord(state, padded(state, stateWidth), colors), padded(subject, subjectWidth), first].join(gap);
    return [start, ...rest.map((line) => `${fill(before)}${line}`)];
  });
}

function room(width: number | undefined, before: number): number {
  return width === undefined ? Number.POSITIVE_INFINITY : Math.max(leastText, width - before);
}

function paintWord(state: StatusWord, text: string, colors: Colors): string {
  switch (state) {
    case 'ok':
      return colors.green(text);
    case 'bad':
    case 'unreachable':
      return colors.red(text);
    case 'unknown':
      return colors.magenta(text);
  }
}

function leads({ role }: StatusRow): boolean {
  return role === 'leader' || role === 'elected';
}

/** "3.8.0", or "3.4.13 → 3.8.0" where the inventory wants another. */
function versionText(row: StatusRow): string {
  const { wanted = '', running = '' } = row.version ?? {};
  if (isAsWanted(row)) return running;
  return `${running === '' ? '?' : running} → ${wanted}`;
}

/** What does not run has no version that could differ. */
function isAsWanted({ version, uptimeSeconds }: StatusRow): boolean {
  return (
    version?.wanted === undefined ||
    version.wanted === version.running ||
    (version.running === undefined && uptimeSeconds === undefined)
  );
}

/** Seconds in two units: "45s", "12m 03s", "5h 07m", "12d 04h". */
function uptimeText(seconds: number): string {
  const two = (count: number): string => String(count).padStart(2, '0');
  if (seconds < 60) return `${Math.floor(seconds)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${two(Math.floor(seconds % 60))}s`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours}h ${two(minutes % 60)}m` : `${Math.floor(hours / 24)}d ${two(hours % 24)}h`;
}
