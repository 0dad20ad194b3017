/** Why a command under way is to be ended before its time. */
export type Interruption = 'timeout' | 'cancelled';

export interface Deadline {
  /** Fires on timeout and on cancel alike; `interruption` then tells which. */
  readonly signal: AbortSignal;
  readonly interruption: () => Interruption | undefined;
  /** Stops the clock and lets go of the caller's signal. */
  dispose(): void;
}

/** How often a patient deadline looks at the clock, in ms. */
const glance = 250;

/**
 * Joins a timeout (monotonic, in seconds) and the caller's signal into one signal. A `patient` one does not count the time
 * in which this program itself was kept from its work: with hundreds of handshakes at once, or on a machine that has more
 * to do than it can, an answer that waits here to be read must not be taken for one that never came.
 */
export function startDeadline(options: {
  readonly timeoutSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly patient?: boolean;
}): Deadline {
  const controller = new AbortController();
  let interruption: Interruption | undefined;
  const interrupt = (why: Interruption): void => {
    if (interruption !== undefined) return;
    interruption = why;
    controller.abort();
  };
  const onAbort = (): void => interrupt('cancelled');
  const stopClock = startClock(options, () => interrupt('timeout'));
  if (options.signal?.aborted === true) onAbort();
  options.signal?.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    interruption: () => interruption,
    dispose: () => {
      stopClock();
      options.signal?.removeEventListener('abort', onAbort);
    },
  };
}

/** Calls back when the time is up; gives what stops the clock. */
function startClock(
  options: { readonly timeoutSeconds?: number | undefined; readonly patient?: boolean },
  onTimeout: () => void,
): () => void {
  if (options.timeoutSeconds === undefined) return () => undefined;
  let left = options.timeoutSeconds * 1000;
  let timer: NodeJS.Timeout;
  if (options.patient !== true) {
    timer = setTimeout(onTimeout, left);
    return () => clearTimeout(timer);
  }
  let last = performance.now();
  const look = (): void => {
    const now = performance.now();
    // A glance that comes late was kept waiting by our own work, or by the machine.
    left -= Math.min(now - last, 2 * glance);
    last = now;
    if (left <= 0) onTimeout();
    else timer = setTimeout(look, Math.min(left, glance));
  };
  timer = setTimeout(look, Math.min(left, glance));
  return () => clearTimeout(timer);
}
