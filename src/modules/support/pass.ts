import { ModuleFailure, type HostWriter } from '../types.js';

/** Lets time pass, and ends at once when the run is cancelled. */
export async function pass(host: HostWriter, seconds: number): Promise<void> {
  if (seconds <= 0) return;
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(host.signal.reason instanceof Error ? host.signal.reason : new ModuleFailure('the wait was cancelled'));
    };
    const timer = setTimeout(() => {
      host.signal.removeEventListener('abort', stop);
      resolve();
    }, seconds * 1000);
    if (host.signal.aborted) stop();
    else host.signal.addEventListener('abort', stop, { once: true });
  });
}
