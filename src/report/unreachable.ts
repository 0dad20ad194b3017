import type { RunEvent } from '../run/events.js';

/**
 * Passes over the news that a host cannot be reached where its task has just told the same; it is shown where no task
 * could tell it (facts, files of variables).
 */
export function unreachableOnce(): (event: RunEvent) => boolean {
  const told = new Set<string>();
  return (event) => {
    if (event.kind === 'task-end' && event.outcome.status === 'unreachable') told.add(event.ref.host);
    return event.kind === 'host-unreachable' && told.has(event.host);
  };
}
