import { createHash } from 'node:crypto';
import { withLock } from '../machine/lock.js';
import { checkout } from '../machine/places.js';
import type { Step } from '../step.js';

/** Runs one changing command of this checkout's lab at a time. */
export async function exclusively<T>(step: Step, body: () => Promise<T>): Promise<T> {
  const name = `checkout-${createHash('sha256').update(checkout).digest('hex').slice(0, 16)}`;
  const onWait = (): void => step.tell('Another command works on this lab; waiting for it.');
  return withLock(name, { signal: step.signal, onWait }, body);
}
