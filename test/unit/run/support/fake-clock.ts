import { CancelledError } from '../../../../src/core/errors.js';
import type { Clock } from '../../../../src/run/clock.js';

/** A clock that never waits: sleeping moves its time on. `hold` lengths of time end only when the test says so. */
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

  /** Sleeps of just this length wait for `release`. */
  hold(milliseconds: number): void {
    this.#held.set(milliseconds, []);
  }

  release(milliseconds: number): void {
    const waiting = this.#held.get(milliseconds) ?? [];
    this.#held.delete(milliseconds);
    for (const resume of waiting) resume();
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
