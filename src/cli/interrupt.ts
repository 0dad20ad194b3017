import { setMaxListeners } from 'node:events';
import { CancelledError } from '../core/errors.js';
import { exitCode } from '../core/exit-code.js';
import { printError } from './terminal.js';

/** What became of work that a signal may end, and the exit code when one did: 130 for Ctrl-C, 143 for SIGTERM. */
export type Finished<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'interrupted'; readonly code: number };

/** Whether somebody says already that a signal came: work that a signal ends may run other such work. */
let isAnnounced = false;

/**
 * Runs work that Ctrl-C and SIGTERM end in order: the first signal aborts `signal` (remote commands are ended), a
 * second one leaves at once. `quiet`: where the signal is the usual way to end, nothing is said about it.
 */
export async function withInterrupt<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { quiet = false }: { readonly quiet?: boolean } = {},
): Promise<Finished<T>> {
  const controller = new AbortController();
  // Every host that is asked listens to it.
  setMaxListeners(0, controller.signal);
  let code: number = exitCode.interrupted;
  const announces = !quiet && !isAnnounced;
  const onSignal = (name: NodeJS.Signals): void => {
    if (name === 'SIGTERM') code = exitCode.terminated;
    if (controller.signal.aborted) process.exit(code);
    if (announces) printError('\nInterrupted: ending what runs on the hosts. Once more to leave at once.');
    controller.abort();
  };
  if (announces) isAnnounced = true;
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    const value = await work(controller.signal);
    return controller.signal.aborted ? { kind: 'interrupted', code } : { kind: 'done', value };
  } catch (error) {
    if (error instanceof CancelledError && controller.signal.aborted) return { kind: 'interrupted', code };
    throw error;
  } finally {
    if (announces) isAnnounced = false;
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}
