import { CancelledError } from '../core/errors.js';

/** Time as the run sees it: replaced in tests, so that nothing there waits. */
export interface Clock {
  /** Milliseconds of a monotonic clock: for durations only. */
  now(): number;
  /** Wall time for people and for the journal, ISO 8601 in UTC. */
  date(): string;
  /** Resolves after `milliseconds`. Throws CancelledError as soon as the signal is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date().toISOString(),
  sleep: async (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      const cancel = (): void => {
        clearTimeout(timer);
        reject(new CancelledError('cancelled'));
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', cancel);
        resolve();
      }, milliseconds);
      if (signal.aborted) cancel();
      else signal.addEventListener('abort', cancel, { once: true });
    }),
};
