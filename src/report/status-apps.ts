import { columnsOf } from '../core/visible.js';
import { padded, wrapped } from './cells.js';
import { cleanLine } from './clean.js';
import type { Colors } from './colors.js';

/** An app of the cluster as it is drawn. */
export interface StatusApp {
  readonly id: string;
  readonly instances: number;
  readonly running: number;
  /** The rule it is routed by; empty: none of its own. */
  readonly route: string;
  /** How many servers each host's HAProxy has for it. */
  readonly servers: Readonly<Record<string, number>>;
}

/** More than these do not fit on a screen that also shows the hosts; those that lack instances come first. */
const mostShown = 12;
const gap = '  ';
/** With fewer columns than these the servers are told in fewer words. */
const wide = 100;

/** A line an app: whether it runs, its route, its servers in each HAProxy. Empty without apps. */
export function appLines(
  apps: readonly StatusApp[],
  { columns, colors }: { readonly columns?: number; readonly colors: Colors },
): readonly string[] {
  if (apps.length === 0) return [];
  const sorted = apps.toSorted((a, b) => Number(lacks(b)) - Number(lacks(a)) || a.id.localeCompare(b.id));
  const shown = columns === undefined ? sorted : sorted.slice(0, mostShown);
  const isWide = columns === undefined || columns >= wide;
  const serversTitle = isWide ? 'SERVERS IN HAPROXY' : 'SERVERS';
  const rows = shown.map((app) => ({
    app,
    id: cleanLine(app.id),
    running: `${app.running} of ${app.instances}`,
    route: app.route === '' ? '-' : cleanLine(app.route),
    servers: serversText(app.servers, { isWide }),
  }));
  const widthOf = (title: string, cell: (row: (typeof rows)[number]) => string): number =>
    Math.max(columnsOf(title), ...rows.map((row) => columnsOf(cell(row))));
  const running = widthOf('RUNNING', (row) => row.running);
  const servers = widthOf(serversTitle, (row) => row.servers);
  const left = (columns ?? Number.POSITIVE_INFINITY) - running - servers - 3 * gap.length;
  const wanted = { id: widthOf('APP', (row) => row.id), route: widthOf('ROUTE', (row) => row.route) };
  // Where both are too long the room is shared: what one does not need the other gets.
  const id = Math.max(3, Math.min(wanted.id, Math.max(Math.floor(left * 0.4), left - wanted.route)));
  const route = Math.max(5, Math.min(wanted.route, left - id));
  const lines = rows.flatMap((row) => {
    const ids = wrapped(row.id, id);
    const routes = wrapped(row.route, route);
    const count = padded(row.running, running);
    return Array.from({ length: Math.max(ids.length, routes.length) }, (_unused, index) => {
      const first = index === 0;
      const runs = first ? (lacks(row.app) ? colors.red(count) : count) : padded('', running);
      const cells = [padded(ids[index] ?? '', id), runs, padded(routes[index] ?? '', route), first ? row.servers : ''];
      return cells.join(gap).trimEnd();
    });
  });
  const titles = [padded('APP', id), padded('RUNNING', running), padded('ROUTE', route), serversTitle];
  const rest = sorted.length - shown.length;
  return [colors.bold(titles.join(gap)), ...lines, ...(rest > 0 ? [`and ${rest} more: --output json has all`] : [])];
}

/** "2 on each of 2" ("2 each" with little room), or by host where they differ: "node4 2, node5 0". */
function serversText(servers: Readonly<Record<string, number>>, { isWide }: { readonly isWide: boolean }): string {
  const entries = Object.entries(servers);
  const counts = new Set(entries.map(([, count]) => count));
  const [count] = counts;
  if (count === undefined) return '-';
  if (counts.size === 1 && entries.length === 1) return String(count);
  if (counts.size === 1) return isWide ? `${count} on each of ${entries.length}` : `${count} each`;
  return entries.map(([host, each]) => `${cleanLine(host)} ${each}`).join(', ');
}

function lacks({ running, instances }: StatusApp): boolean {
  return running < instances;
}
