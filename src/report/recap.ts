import type { HostRecap, RunEvent } from '../run/events.js';
import { cleanLine } from './clean.js';
import type { Colors } from './colors.js';
import { formatDuration } from './duration.js';

type RunEnd = Extract<RunEvent, { kind: 'run-end' }>;

const columns = [
  { key: 'ok', paint: 'green' },
  { key: 'changed', paint: 'yellow' },
  { key: 'unknown', paint: 'magenta' },
  { key: 'skipped', paint: 'cyan' },
  { key: 'failed', paint: 'red' },
  { key: 'unreachable', paint: 'red' },
  { key: 'rescued', paint: 'magenta' },
  { key: 'ignored', paint: 'cyan' },
] as const satisfies readonly { key: keyof HostRecap; paint: keyof Colors }[];

/** Columns that are shown only when some host has something in them. */
const onDemand: ReadonlySet<string> = new Set(['unknown', 'unreachable', 'rescued', 'ignored']);

/** The recap per host, in inventory order: ok, changed, skipped, failed, unreachable and time. */
export function recapLines(
  end: RunEnd,
  options: { readonly preview: boolean; readonly colors: Colors },
): readonly string[] {
  const { colors, preview } = options;
  const shown = columns.filter((column) => !onDemand.has(column.key) || end.recap.some((host) => host[column.key] > 0));
  const nameWidth = Math.max(4, ...end.recap.map((host) => host.host.length));
  const header = [
    'host'.padEnd(nameWidth),
    ...shown.map((column) => heading(column.key, preview).padStart(widthOf(column.key, preview))),
    'time'.padStart(10),
  ].join('  ');
  const rows = end.recap.map((host) => {
    const counts = shown.map((column) => {
      const text = String(host[column.key]).padStart(widthOf(column.key, preview));
      return host[column.key] > 0 ? colors[column.paint](text) : colors.dim(text);
    });
    return [cleanLine(host.host).padEnd(nameWidth), ...counts, formatDuration(host.milliseconds).padStart(10)].join(
      '  ',
    );
  });
  const nothingHappened =
    end.result === 'failed' && end.recap.every((host) => columns.every((column) => host[column.key] === 0));
  if (nothingHappened) return [closingLine(end, options)];
  return [colors.bold(header), ...rows, '', closingLine(end, options)];
}

/** A preview counts what would change. */
function heading(key: string, preview: boolean): string {
  if (!preview) return key;
  return key === 'ok' ? 'same' : key === 'changed' ? 'change' : key;
}

function widthOf(key: string, preview: boolean): number {
  return Math.max(5, heading(key, preview).length);
}

function closingLine(end: RunEnd, options: { readonly preview: boolean; readonly colors: Colors }): string {
  const { colors } = options;
  const changed = end.recap.reduce((sum, host) => sum + host.changed, 0);
  const time = formatDuration(end.milliseconds);
  switch (end.result) {
    case 'interrupted':
      return colors.red(`Interrupted after ${time}.`);
    case 'failed':
      return colors.red(`${failedWords(end.recap)} (${time}).`);
    case 'unreachable':
      return colors.red(`Not reached: ${listHosts(end.recap, 'unreachable')}.${restWords(end.recap)} (${time}).`);
    case 'done':
      if (options.preview) return previewLine(end, changed, time, colors);
      return changed === 0
        ? colors.green(`Nothing to change (${time}).`)
        : colors.green(
            `Done: ${plural(changed, 'change')} on ${plural(end.recap.filter((host) => host.changed > 0).length, 'host')} (${time}).`,
          );
  }
}

function previewLine(end: RunEnd, changed: number, time: string, colors: Colors): string {
  const unknown = end.recap.reduce((sum, host) => sum + host.unknown, 0);
  const predicted =
    end.predicted && end.predicted.known < end.predicted.all
      ? ` ${end.predicted.known} of ${end.predicted.all} tasks could be predicted.`
      : '';
  if (changed === 0 && unknown === 0) return colors.green(`Nothing to do (${time}).`);
  const parts = [plural(changed, 'change'), ...(unknown > 0 ? [`${unknown} unknown until it runs`] : [])];
  return colors.yellow(`Would make ${parts.join(', ')} (${time}). Nothing was written.${predicted}`);
}

function listHosts(recap: readonly HostRecap[], key: 'failed' | 'unreachable'): string {
  return recap
    .filter((host) => host[key] > 0)
    .map((host) => cleanLine(host.host))
    .join(', ');
}

/** A run that ended before any host failed was stopped by what the messages say. */
function failedWords(recap: readonly HostRecap[]): string {
  const hosts = listHosts(recap, 'failed');
  return hosts === '' ? 'Stopped before the end' : `Failed on ${hosts}`;
}

function restWords(recap: readonly HostRecap[]): string {
  return recap.some((host) => host.unreachable === 0 && host.ok + host.changed > 0)
    ? ' Everything else is done'
    : ' Nothing was done';
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
