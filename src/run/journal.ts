import { jsonLine } from '../core/json-line.js';
import {
  conditionHoldsNowhere,
  type EventSink,
  type HostRecap,
  type PlayPreview,
  type RunEvent,
  type RunResult,
} from './events.js';
import type { DueHandlers } from './request.js';

/** Takes one line (without its end) of a run's journal; must keep the order. */
export type JournalWriter = (line: string) => void;

/** Listens to a run and writes each event as one line of JSON; what tasks say while they run, and that they do, is left out. */
export function journalSink(write: JournalWriter): EventSink {
  return (event) => {
    if (event.kind !== 'task-progress' && event.kind !== 'task-running') write(jsonLine(event));
  };
}

/** What a journal says of its run. */
export interface JournalSummary {
  readonly run: string;
  readonly preview: boolean;
  readonly playbooks: readonly string[];
  /** When it began, ISO 8601. */
  readonly at: string;
  /** Who ran it: `user@machine`; journals of older versions do not say. */
  readonly by?: string;
  /** Undefined: the run did not come to its end (it was killed). */
  readonly result: RunResult | undefined;
  readonly recap: readonly HostRecap[];
  readonly milliseconds: number | undefined;
  /** Handlers that were notified and not done. */
  readonly due: readonly DueHandlers[];
  /** Plays that ended with all their hosts. */
  readonly playsDone: readonly string[];
  /** Hosts that failed or could not be reached, and those of plays that were stopped, left out or never begun. */
  readonly unfinished: readonly string[];
}

/** Reads a journal. A last line that was cut off when the run was killed is left out; undefined when there is no run in it. */
export function readJournal(text: string): JournalSummary | undefined {
  const events = text.split('\n').flatMap(eventOf);
  const start = events.find((event) => event.kind === 'run-start');
  if (!start) return undefined;
  const end = events.findLast((event) => event.kind === 'run-end');
  return {
    run: start.run,
    preview: start.preview,
    playbooks: start.playbooks,
    at: start.at,
    ...(start.by === undefined ? {} : { by: start.by }),
    result: end?.result,
    recap: end?.recap ?? [],
    milliseconds: end?.milliseconds,
    due: dueOf(events),
    playsDone: events.flatMap((event) => (event.kind === 'play-end' && event.result === 'done' ? [event.play] : [])),
    unfinished: unfinishedOf({ events, plays: start.plays, recap: end?.recap ?? [] }),
  };
}

function unfinishedOf(options: {
  readonly events: readonly RunEvent[];
  readonly plays: readonly PlayPreview[];
  readonly recap: readonly HostRecap[];
}): readonly string[] {
  const { events, plays, recap } = options;
  const over = new Set(
    events.flatMap((event) => {
      if (event.kind === 'play-skipped') return event.reason === conditionHoldsNowhere ? [event.play] : [];
      return event.kind === 'play-end' && (event.result === 'done' || event.result === 'failed') ? [event.play] : [];
    }),
  );
  const bad = recap.filter(({ failed, unreachable }) => failed + unreachable > 0).map(({ host }) => host);
  return [...new Set([...bad, ...plays.flatMap((play) => (over.has(play.name) ? [] : play.hosts))])];
}

function eventOf(line: string): readonly RunEvent[] {
  // Nearly all lines are about single tasks, and no summary is.
  if (line === '' || line.startsWith('{"kind":"task-') || line.startsWith('{"kind":"item-')) return [];
  try {
    return [JSON.parse(line) as RunEvent];
  } catch {
    // Only the last line can be torn, by the run's end.
    return [];
  }
}

function dueOf(events: readonly RunEvent[]): readonly DueHandlers[] {
  const due = new Map<string, { readonly play: string; readonly host: string; readonly handlers: Set<string> }>();
  for (const event of events) {
    if (event.kind !== 'handler-due' && event.kind !== 'handler-done') continue;
    const { play, host, handler, kind } = event;
    const key = JSON.stringify([play, host]);
    const entry = due.get(key) ?? { play, host, handlers: new Set() };
    if (kind === 'handler-due') entry.handlers.add(handler);
    else entry.handlers.delete(handler);
    due.set(key, entry);
  }
  return [...due.values()].flatMap(({ play, host, handlers }) =>
    handlers.size > 0 ? [{ play, host, handlers: [...handlers] }] : [],
  );
}
