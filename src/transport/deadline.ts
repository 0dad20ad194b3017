/** Why a command under way is to be ended before its time. */
export type Interruption = 'timeout' | 'cancelled';

export interface Deadline {
  /** Fires on timeout and on cancel alike; `interruption` then tells which. */
  readonly signal: AbortSignal;
  readonly interruption: () => Interruption | undefined;
  /** Stops the clock and lets go of the caller's signal. */
  dispose(): void;
}

/** Joins a timeout (monotonic, in seconds) and the caller's signal into one signal. */
export function startDeadline(options: {
  readonly timeoutSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}): Deadline {
  const controller = new AbortController();
  let interruption: Interruption | undefined;
  const interrupt = (why: Interruption): void => {
    if (interruption !== undefined) return;
    interruption = why;
    controller.abort();
  };
  const onAbort = (): void => interrupt('cancelled');
  const timer =
    options.timeoutSeconds === undefined
      ? undefined
      : setTimeout(() => interrupt('timeout'), options.timeoutSeconds * 1000);
  if (options.signal?.aborted === true) onAbort();
  options.signal?.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    interruption: () => interruption,
    dispose: () => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
    },
  };
}
