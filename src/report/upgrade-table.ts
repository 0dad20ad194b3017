import { columnsOf } from '../core/visible.js';
import { fill, padded, wrapped } from './cells.js';
import { cleanLine } from './clean.js';
import type { Colors } from './colors.js';

/** The hops of an upgrade as they are drawn; texts may come from hosts, they are cleaned here. */
export interface UpgradeRow {
  readonly title: string;
  readonly from: readonly string[];
  readonly to: string;
  /** In their order. */
  readonly hosts: readonly string[];
  readonly leader?: string;
  readonly there: readonly string[];
  readonly what: string;
  readonly backup: string;
  readonly effect: string;
}

export interface UpgradeTableOptions {
  /** Width of the terminal; undefined: as wide as it gets. */
  readonly columns?: number;
  readonly colors: Colors;
}

const gap = '  ';
const leastText = 20;

/** A line a hop with its versions and hosts, and below it what happens, what is kept, what users notice. */
export function upgradeTableLines(rows: readonly UpgradeRow[], options: UpgradeTableOptions): readonly string[] {
  const { colors, columns } = options;
  const numberWidth = String(rows.length).length;
  const widthOf = (title: string, cell: (row: UpgradeRow) => string): number =>
    Math.max(title.length, ...rows.map((row) => columnsOf(cell(row))));
  const titleWidth = widthOf('COMPONENT', ({ title }) => cleanLine(title));
  const versionWidth = widthOf('VERSION', versionText);
  const before = numberWidth + titleWidth + versionWidth + 3 * gap.length;
  const room = (taken: number): number =>
    columns === undefined ? Number.POSITIVE_INFINITY : Math.max(leastText, columns - taken);
  const head = [padded('#', numberWidth), padded('COMPONENT', titleWidth), padded('VERSION', versionWidth), 'HOSTS'];
  const start = numberWidth + gap.length;
  const labelWidth = 'backup'.length + gap.length;
  return [
    colors.bold(head.join(gap)),
    ...rows.flatMap((row, index) => {
      const [first = '', ...more] = wrapped(hostsText(row), room(before));
      const cells = [
        padded(String(index + 1), numberWidth),
        colors.bold(padded(cleanLine(row.title), titleWidth)),
        padded(versionText(row), versionWidth),
        first,
      ];
      const details = [
        ['how', row.what],
        ['backup', row.backup],
        ['effect', row.effect],
      ] as const;
      return [
        ...(index === 0 ? [] : ['']),
        cells.join(gap),
        ...more.map((line) => fill(before) + line),
        ...details.flatMap(([label, text]) =>
          wrapped(cleanLine(text), room(start + labelWidth)).map(
            (line, position) => fill(start) + colors.dim(padded(position === 0 ? label : '', labelWidth)) + line,
          ),
        ),
      ];
    }),
  ];
}

/** "3.4.13 → 3.8.0", "3.4.13, 3.8.0 → 3.9.3", or one version where only its settings change. */
function versionText({ from, to }: UpgradeRow): string {
  const left = from.filter((version) => version !== to).map(cleanLine);
  return left.length === 0 ? cleanLine(to) : `${left.join(', ')} → ${cleanLine(to)}`;
}

function hostsText({ hosts, leader, there }: UpgradeRow): string {
  const order = hosts.map((host) => (host === leader ? `${cleanLine(host)} (leads)` : cleanLine(host)));
  return order.join(', ') + (there.length === 0 ? '' : ` (there already: ${there.map(cleanLine).join(', ')})`);
}
