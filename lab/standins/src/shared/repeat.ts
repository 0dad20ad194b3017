import type { Log } from './log.js';
import { reason } from './exit.js';

export interface Repeat {
  /** Runs the work soon, without waiting for the interval. */
  readonly wake: () => void;
  readonly stop: () => Promise<void>;
}

/** Runs `work` again and again, never twice at once, `intervalMs` after its last end; its errors are logged once each. */
export function repeat(options: { intervalMs: number; work: () => Promise<void>; log: Log }): Repeat {
  let stopped = false;
  let pending = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let lastError = '';

  const run = async (): Promise<void> => {
    pending = false;
    try {
      await options.work();
      lastError = '';
    } catch (error) {
      if (reason(error) !== lastError && !stopped) options.log((lastError = reason(error)));
    }
  };
  const start = (): void => {
    timer = undefined;
    running = run().then(() => {
      running = undefined;
      if (!stopped) timer = setTimeout(start, pending ? 0 : options.intervalMs);
    });
  };
  start();
  return {
    wake: () => {
      pending = true;
      if (timer !== undefined && !stopped) {
        clearTimeout(timer);
        timer = setTimeout(start, 0);
      }
    },
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
