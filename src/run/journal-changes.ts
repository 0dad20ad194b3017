import type { RunEvent } from './events.js';
import type { JournalSummary } from './journal.js';

/** What a run changed on a host: the role its tasks belong to, or the container that a task without a role was about. */
export interface JournalChange {
  readonly host: string;
  readonly subject: string;
}

/** Every pair of host and subject that a journal's run changed, each once. Nearly all lines are passed over unread. */
export function changesIn(text: string): readonly JournalChange[] {
  const found = new Map<string, JournalChange>();
  for (const line of text.split('\n')) {
    if (!line.startsWith('{"kind":"task-end"') || !line.includes('"status":"changed"')) continue;
    for (const change of changeOf(line)) found.set(JSON.stringify([change.host, change.subject]), change);
  }
  return [...found.values()];
}

function changeOf(line: string): readonly JournalChange[] {
  const event = eventOf(line);
  if (event?.kind !== 'task-end' || event.outcome.status !== 'changed') return [];
  const host = event.outcome.delegatedTo ?? event.ref.host;
  const container = event.outcome.result?.['container'];
  const name =
    typeof container === 'object' && container !== null && !Array.isArray(container)
      ? (container as Readonly<Record<string, unknown>>)['name']
      : undefined;
  const subjects = [
    ...(event.ref.role === undefined ? [] : [event.ref.role]),
    ...(typeof name === 'string' ? [name] : []),
  ];
  return subjects.map((subject) => ({ host, subject }));
}

function eventOf(line: string): RunEvent | undefined {
  try {
    return JSON.parse(line) as RunEvent;
  } catch {
    // Only the last line can be torn, by the run's end.
    return undefined;
  }
}

/** When a run came to its end, ISO 8601; undefined for one that was killed. */
export function endOf({ at, milliseconds }: JournalSummary): string | undefined {
  return milliseconds === undefined ? undefined : new Date(Date.parse(at) + milliseconds).toISOString();
}
