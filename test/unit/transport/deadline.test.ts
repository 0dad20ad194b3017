import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startDeadline } from '../../../src/transport/deadline.js';

/** Keeps this program from everything else, in milliseconds. */
function beBusy(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describe('a patient deadline', () => {
  it('does not count the time in which this program was kept from its work', async () => {
    const deadline = startDeadline({ timeoutSeconds: 1.5, patient: true });
    onTestFinished(() => deadline.dispose());
    beBusy(2000);
    // Lets the clock have a look.
    await sleep(1);
    expect(deadline.interruption()).toBeUndefined();
  });

  it('ends at its time when the program has nothing else to do, and not before', async () => {
    const began = performance.now();
    const deadline = startDeadline({ timeoutSeconds: 0.6, patient: true });
    await new Promise((resolve) => {
      deadline.signal.addEventListener('abort', resolve, { once: true });
    });
    expect(deadline.interruption()).toBe('timeout');
    expect(performance.now() - began).toBeGreaterThan(590);
  });

  it('is over when it is disposed of', async () => {
    const deadline = startDeadline({ timeoutSeconds: 0.05, patient: true });
    deadline.dispose();
    await sleep(120);
    expect(deadline.signal.aborted).toBe(false);
  });

  it('ends at once when the caller cancels', () => {
    const caller = new AbortController();
    const deadline = startDeadline({ timeoutSeconds: 60, signal: caller.signal, patient: true });
    caller.abort();
    expect(deadline.interruption()).toBe('cancelled');
    deadline.dispose();
  });
});
