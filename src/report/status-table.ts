import { columnsOf } from '../core/visible.js';
import { fill, padded, wrapped } from './cells.js';
import { cleanLine } from './clean.js';
import type { Colors } from './colors.js';
import { appLines, type StatusApp } from './status-apps.js';

/** The cluster as it is drawn; texts may come from hosts, they are cleaned here. */
export interface StatusTable {
  readonly hosts: readonly StatusHost[];
  readonly verdicts: readonly StatusVerdict[];
  /** What is neither well nor ill: who changed what, and when. */
  readonly notes?: readonly StatusNote[];
  readonly apps?: readonly StatusApp[];
}

export interface StatusNote {
  readonly subject: string;
  readonly sentence: string;
}

export interface StatusHost {
  readonly name: string;
  readonly rows: readonly StatusRow[];
  /** Why it has no rows. */
  readonly problem?: string;
  /** The problem is another than a moment ago (`--watch`). */
  readonly isNew?: boolean;
}

export interface StatusRow {
  readonly component: string;
  readonly role?: string;
  readonly version: { readonly wanted?: string; readonly running?: string };
  readonly state: 'ok' | 'bad';
  /** Why, in plain words. */
  readonly text: string;
  readonly uptimeSeconds?: number;
  /** How long ago it was last changed. */
  readonly changedSecondsAgo?: number;
  /** It says something else than a moment ago (`--watch`). */
  readonly isNew?: boolean;
}

export interface StatusVerdict {
  readonly subject: string;
  readonly state: StatusWord;
  readonly sentence: string;
}

type StatusWord = 'ok' | 'bad' | 'unknown';

export interface StatusTableOptions {
  /** Width of the terminal; undefined: as wide as it gets, each row on one line and with its host's name. */
  readonly columns?: number;
  /** Rows of the window it is drawn in; undefined: it may scroll. Where not everything fits, what matters most comes first. */
  readonly rows?: number;
  readonly colors: Colors;
}

interface Column {
  readonly title: string;
  /** It is left out on a terminal with fewer columns than these, and where it would be empty. */
  readonly from?: number;
  readonly cell: (row: StatusRow) => string;
  readonly paint?: (text: string, row: StatusRow, colors: Colors) => string;
}

interface Layout extends StatusTableOptions {
  /** Each column with its width. */
  readonly shown: readonly (Column & { readonly width: number })[];
  /** Of the column of hosts; undefined: each host's name is a line of its own above its rows. */
  readonly hostWidth: number | undefined;
  /** Where the last column begins, which takes the room that is left and wraps in it. */
  readonly before: number;
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
  {
    title: 'CHANGED',
    from: 100,
    cell: (row) => (row.changedSecondsAgo === undefined ? '' : `${uptimeText(row.changedSecondsAgo)} ago`),
  },
];

const gap = '  ';
/** Stands in the gap before what is new. */
const newGap = ' *';
const stateWidth = 3;
/** With less room than this for the last column beside the hosts' names, these go on lines of their own. */
const comfortableText = 22;
/** What a wrapped column keeps however narrow the terminal is. */
const leastText = 12;

/** One line a program, the verdicts below. */
export function statusTableLines(table: StatusTable, options: StatusTableOptions): readonly string[] {
  const layout = layoutOf(table, options);
  const apps = appLines(table.apps ?? [], options);
  const titles = layout.shown.map((column) => padded(column.title, column.width));
  const start = layout.hostWidth === undefined ? fill(gap.length) : padded('HOST', layout.hostWidth) + gap;
  const head = options.colors.bold(`${start}${[...titles, 'HEALTH'].join(gap)}`);
  const body = (hosts: readonly StatusHost[]): readonly string[] => hosts.flatMap((host) => hostLines(host, layout));
  const below = apps.length === 0 ? [] : ['', ...apps];
  const whole = [head, ...body(table.hosts), '', ...verdictLines(table, options), ...below];
  if (options.rows === undefined || whole.length <= options.rows) return whole;
  const ill = table.hosts.filter(isIll);
  const well = table.hosts.filter((host) => !isIll(host));
  return [...verdictLines(table, options), '', head, ...body([...ill, ...well]), ...below];
}

function isIll({ problem, rows }: StatusHost): boolean {
  return problem !== undefined || rows.some(({ state }) => state === 'bad');
}

function layoutOf(table: StatusTable, options: StatusTableOptions): Layout {
  const rows = table.hosts.flatMap((host) => host.rows);
  const fitting = columns.filter(
    ({ from, cell }) =>
      from === undefined ||
      ((options.columns ?? Number.POSITIVE_INFINITY) >= from && rows.some((row) => cell(row) !== '')),
  );
  const shown = fitting.map((column) => ({
    ...column,
    width: Math.max(column.title.length, ...rows.map((row) => columnsOf(cleanLine(column.cell(row))))),
  }));
  const rest = shown.reduce((sum, { width }) => sum + width + gap.length, 0) + stateWidth + gap.length;
  const hostWidth = Math.max(4, ...table.hosts.map(({ name }) => columnsOf(cleanLine(name))));
  const before = hostWidth + gap.length + rest;
  const isNarrow = options.columns !== undefined && options.columns - before < comfortableText;
  if (isNarrow) return { ...options, shown, hostWidth: undefined, before: gap.length + rest };
  return { ...options, shown, hostWidth, before };
}

function hostLines(host: StatusHost, layout: Layout): readonly string[] {
  const { colors, hostWidth } = layout;
  const name = cleanLine(host.name);
  if (host.problem !== undefined) {
    const before = (hostWidth ?? columnsOf(name)) + gap.length;
    const lines = wrapped(cleanLine(host.problem), room(layout, before)).map((line) => colors.red(line));
    const mark = host.isNew === true ? colors.yellow(newGap) : gap;
    return [
      `${padded(name, before - gap.length)}${mark}${lines[0] ?? ''}`,
      ...lines.slice(1).map((line) => fill(before) + line),
    ];
  }
  if (hostWidth === undefined) return [name, ...host.rows.flatMap((row) => rowLines(row, { start: '', layout }))];
  return host.rows.flatMap((row, index) => {
    const isNamed = index === 0 || layout.columns === undefined;
    return rowLines(row, { start: padded(isNamed ? name : '', hostWidth), layout });
  });
}

function rowLines(
  row: StatusRow,
  { start, layout }: { readonly start: string; readonly layout: Layout },
): readonly string[] {
  const { colors, shown, before } = layout;
  const cells = shown.map((column) => {
    const text = padded(cleanLine(column.cell(row)), column.width);
    return column.paint === undefined ? text : column.paint(text, row, colors);
  });
  const [first = '', ...rest] = wrapped(cleanLine(row.text), room(layout, before));
  const mark = row.isNew === true ? colors.yellow(newGap) : gap;
  const line = `${start}${mark}${[...cells, paintWord(row.state, padded(row.state, stateWidth), colors), first].join(gap)}`;
  return [line, ...rest.map((more) => fill(before) + more)];
}

function verdictLines({ verdicts, notes = [] }: StatusTable, options: StatusTableOptions): readonly string[] {
  const lines = [...verdicts, ...notes.map((note) => ({ ...note, state: undefined }))];
  const wordWidth = Math.max(0, ...verdicts.map(({ state }) => state.length));
  const subjectWidth = Math.max(0, ...lines.map(({ subject }) => subject.length));
  const before = wordWidth + subjectWidth + 2 * gap.length;
  return lines.flatMap(({ subject, state, sentence }) => {
    const [first = '', ...rest] = wrapped(cleanLine(sentence), room(options, before));
    const word = state === undefined ? fill(wordWidth) : paintWord(state, padded(state, wordWidth), options.colors);
    return [[word, padded(subject, subjectWidth), first].join(gap), ...rest.map((line) => fill(before) + line)];
  });
}

function room({ columns: width }: StatusTableOptions, before: number): number {
  return width === undefined ? Number.POSITIVE_INFINITY : Math.max(leastText, width - before);
}

function paintWord(state: StatusWord, text: string, colors: Colors): string {
  switch (state) {
    case 'ok':
      return colors.green(text);
    case 'bad':
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
  const { wanted = '', running = '' } = row.version;
  return isAsWanted(row) ? running : `${running} → ${wanted}`;
}

/** What runs in no version that is known cannot differ. */
function isAsWanted({ version: { wanted, running } }: StatusRow): boolean {
  return wanted === undefined || running === undefined || wanted === running;
}

/** Seconds in one unit or two: "45s", "12m", "5h 07m", "12d 04h". */
export function uptimeText(seconds: number): string {
  const two = (count: number): string => String(count).padStart(2, '0');
  if (seconds < 60) return `${Math.floor(seconds)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours}h ${two(minutes % 60)}m` : `${Math.floor(hours / 24)}d ${two(hours % 24)}h`;
}
