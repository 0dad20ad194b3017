import type { RunEvent, TaskOutcome } from '../run/events.js';
import { cleanLine } from './clean.js';
import type { Colors } from './colors.js';
import { formatDuration } from './duration.js';
import { taskTitle } from './outcome-text.js';

/** What a live display says of one host in one play. */
export interface HostProgress {
  readonly ok: number;
  readonly changed: number;
  readonly unknown: number;
  readonly failure?: string;
  /** The task under way and what it said last. */
  readonly task?: string;
  readonly line?: string;
  readonly startedAt?: number;
}

export const noProgress: HostProgress = { ok: 0, changed: 0, unknown: 0 };

type TaskEvent = Extract<RunEvent, { ref: unknown }>;

/** A host's progress after an event about one of its tasks. Pure. */
export function advance(progress: HostProgress, event: TaskEvent, now: number): HostProgress {
  switch (event.kind) {
    case 'task-start': {
      const { line: _line, ...rest } = progress;
      return { ...rest, task: taskTitle(event.ref), startedAt: progress.startedAt ?? now };
    }
    case 'task-progress':
      return { ...progress, line: cleanLine(event.line) };
    case 'task-running':
      return { ...progress, line: `still running after ${formatDuration(event.milliseconds)}` };
    case 'task-retry':
      return { ...progress, line: `try ${event.attempt}: ${cleanLine(event.message)}` };
    case 'item-end':
      return { ...progress, line: cleanLine(event.label) };
    case 'task-end':
      return afterTask(progress, event.outcome);
  }
}

function afterTask(progress: HostProgress, outcome: TaskOutcome): HostProgress {
  const { line: _line, ...rest } = progress;
  switch (outcome.status) {
    case 'ok':
    case 'same':
      return { ...rest, ok: rest.ok + 1 };
    case 'changed':
    case 'change':
      return { ...rest, changed: rest.changed + 1 };
    case 'unknown':
      return { ...rest, unknown: rest.unknown + 1 };
    case 'skipped':
      return rest;
    case 'failed':
    case 'unreachable':
      if (outcome.ignored || outcome.rescued) return rest;
      return { ...rest, failure: `${outcome.status}: ${cleanLine(outcome.message ?? '')}` };
  }
}

/** One line for a host: its name, what it does or what became of it. */
export function hostLine(
  host: string,
  progress: HostProgress,
  style: { readonly colors: Colors; readonly finished: boolean; readonly now: number },
): string {
  const { colors, finished } = style;
  const counts = [
    progress.changed > 0 ? colors.yellow(`${progress.changed} changed`) : '',
    progress.unknown > 0 ? colors.magenta(`${progress.unknown} unknown`) : '',
    progress.ok > 0 ? colors.green(`${progress.ok} ok`) : '',
  ].filter(Boolean);
  const time = progress.startedAt === undefined ? '' : colors.dim(formatDuration(style.now - progress.startedAt));
  const doing = finished || progress.task === undefined ? '' : progress.task;
  const parts =
    progress.failure === undefined
      ? [...counts, doing, finished ? time : '']
      : [...counts, colors.red(progress.failure)];
  const said = parts.filter(Boolean).join(colors.dim(' · '));
  return `${colors.bold(cleanLine(host))}${said === '' ? colors.dim(finished ? ' nothing to do' : ' waiting') : `  ${said}`}`;
}
