import { CancelledError } from '../core/errors.js';
import type { Clock } from './clock.js';
import { TaskTimeout } from './task-error.js';

/** How long a cancelled task may take to end what it runs on the host, in milliseconds. */
const graceAfterCancel = 2000;

/** The same after its timeout: nobody is waiting for the prompt, and what it ran must be gone before the next task. */
const graceAfterTimeout = 5000;

interface Deadline<T> {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly seconds: number | undefined;
  readonly action: (signal: AbortSignal) => Promise<T>;
}

/**
 * Runs an action with a signal that is aborted when its time is over or the run is cancelled. Throws TaskTimeout, or
 * CancelledError, at the latest a short grace after that: also when the action never ends.
 */
export async function withDeadline<T>(options: Deadline<T>): Promise<T> {
  const { clock, signal, seconds } = options;
  const timed = seconds === undefined || seconds <= 0 ? options.action : limited({ ...options, seconds });
  return giveUp({
    clock,
    signal,
    grace: graceAfterCancel,
    action: timed,
    error: () => new CancelledError('cancelled'),
  });
}

/** The action with a time of its own. What it makes of being stopped does not matter: its time was over. */
function limited<T>(options: Deadline<T> & { readonly seconds: number }): (signal: AbortSignal) => Promise<T> {
  const { clock, seconds, action } = options;
  return async (signal) => {
    const expired = new AbortController();
    const ended = new AbortController();
    void expire({ clock, seconds, expired, ended: ended.signal });
    const both = AbortSignal.any([signal, expired.signal]);
    const error = (): Error => new TaskTimeout(seconds);
    try {
      return await giveUp({
        clock,
        signal: expired.signal,
        grace: graceAfterTimeout,
        action: async () => action(both),
        error,
      });
    } catch (thrown) {
      throw expired.signal.aborted ? error() : thrown;
    } finally {
      ended.abort();
    }
  };
}

async function expire(options: {
  readonly clock: Clock;
  readonly seconds: number;
  readonly expired: AbortController;
  readonly ended: AbortSignal;
}): Promise<void> {
  const { clock, seconds, expired, ended } = options;
  try {
    await clock.sleep(seconds * 1000, ended);
    expired.abort();
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
  }
}

/** Runs an action; once the signal is aborted, waits for it no longer than the grace. */
async function giveUp<T>(options: {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly grace: number;
  readonly action: (signal: AbortSignal) => Promise<T>;
  readonly error: () => Error;
}): Promise<T> {
  const { clock, signal, grace, action, error } = options;
  const ended = new AbortController();
  let onAbort: () => void = () => undefined;
  const givenUp = new Promise<never>((_resolve, reject) => {
    onAbort = () => {
      clock.sleep(grace, ended.signal).then(() => reject(error()), reject);
    };
  });
  // Cancelled by the end of the action itself: nobody waits for it any more.
  givenUp.catch(() => undefined);
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([action(signal), givenUp]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    if (signal.aborted) ended.abort();
  }
}
