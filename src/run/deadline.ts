import { CancelledError } from '../core/errors.js';
import type { Clock } from './clock.js';
import { TaskTimeout } from './task-error.js';

/** How long a cancelled task may take to end what it runs on the host, in milliseconds. */
const grace = 2000;

/** The same after its timeout: nobody is waiting for the prompt, and what it ran must be gone before the next task. */
const graceAfterTimeout = 5000;

/**
 * Runs an action with a signal that is aborted when its time is over or the run is cancelled. Throws TaskTimeout, or
 * CancelledError, at the latest a short grace after that: also when the action never ends.
 */
export async function withDeadline<T>(options: {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly seconds: number | undefined;
  readonly action: (signal: AbortSignal) => Promise<T>;
}): Promise<T> {
  const { clock, signal, seconds, action } = options;
  const expired = new AbortController();
  const ended = new AbortController();
  const races: Promise<T>[] = [cancelled({ clock, signal, ended: ended.signal })];
  if (seconds !== undefined && seconds > 0) races.push(expiry({ clock, seconds, expired, ended: ended.signal }));
  races.push(
    unlessExpired({ running: action(AbortSignal.any([signal, expired.signal])), seconds, expired: expired.signal }),
  );
  for (const race of races) race.catch(() => undefined);
  try {
    return await Promise.race(races);
  } finally {
    ended.abort();
  }
}

/** What an action makes of being stopped does not matter: its time was over. */
async function unlessExpired<T>(options: {
  readonly running: Promise<T>;
  readonly seconds: number | undefined;
  readonly expired: AbortSignal;
}): Promise<T> {
  const { running, seconds = 0, expired } = options;
  try {
    return await running;
  } catch (error) {
    throw expired.aborted ? new TaskTimeout(seconds) : error;
  }
}

async function expiry(options: {
  readonly clock: Clock;
  readonly seconds: number;
  readonly expired: AbortController;
  readonly ended: AbortSignal;
}): Promise<never> {
  const { clock, seconds, expired, ended } = options;
  await clock.sleep(seconds * 1000, ended);
  expired.abort();
  await clock.sleep(graceAfterTimeout, ended);
  throw new TaskTimeout(seconds);
}

async function cancelled(options: {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly ended: AbortSignal;
}): Promise<never> {
  const { clock, signal, ended } = options;
  if (!signal.aborted) {
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => resolve(), { once: true, signal: ended });
      ended.addEventListener('abort', () => reject(new CancelledError('ended')), { once: true });
    });
  }
  await clock.sleep(grace, ended);
  throw new CancelledError('cancelled');
}
