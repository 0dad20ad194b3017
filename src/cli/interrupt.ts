import { CancelledError } from '../core/errors.js';
import { exitCode } from '../core/exit-code.js';
import { printError } from './terminal.js';

/**
 * Runs work that Ctrl-C and SIGTERM end in order: the first signal aborts `signal` (remote commands are ended), a
 * second one leaves at once. Gives 'interrupted' when the work gave up because of it.
 */
export async function withInterrupt<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | 'interrupted'> {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(name === 'SIGTERM' ? exitCode.terminated : exitCode.interrupted);
    printError('\nInterrupted: ending what runs on the hosts. Once more to leave at once.');
    controller.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    return await work(controller.signal);
  } catch (error) {
    if (error instanceof CancelledError && controller.signal.aborted) return 'interrupted';
    throw error;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}
