import { CancelledError } from '../../../../src/core/errors.js';
import type { Clock } from '../../../../src/run/clock.js';

/** A clock that never waits: sleeping moves its time on. `hold` lengths of time end only with `releaseOnce`. */
export class FakeClock implements Clock {
  readonly slept: number[] = [];
  #now = 0;
  readonly #held = new Map<number, (() => void)[]>();

  now(): number {
    return this.#now;
  }

  date(): string {
    return '2026-01-01T00:00:00.000Z';
  }

  /** Sleeps of just this length wait for `releaseOnce`. */
  hold(milliseconds: number): void {
    this.#held.set(milliseconds, []);
  }

  /** Ends the sleeps of this length that wait now; later ones wait again. */
  releaseOnce(milliseconds: number): void {
    for (const resume of this.#held.get(milliseconds)?.splice(0) ?? []) resume();
  }

  async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new CancelledError('cancelled');
    const held = this.#held.get(milliseconds);
    if (!held) {
      this.slept.push(milliseconds);
      this.#now += milliseconds;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      held.push(resolve);
      signal.addEventListener('abort', () => reject(new CancelledError('cancelled')), { once: true });
    });
    this.slept.push(milliseconds);
  }
}
