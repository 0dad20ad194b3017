import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { locksDirectory } from './places.js';

export interface LockOptions {
  readonly signal: AbortSignal;
  /** Called when somebody else holds the lock, before waiting for it. */
  readonly onWait?: () => void;
}

/**
 * Runs `body` while holding a lock that all labs of the machine respect.
 *
 * The lock is the kernel's (flock), held by a child that lives as long as our end of its stdin: however we die, it is released.
 */
export async function withLock<T>(name: string, options: LockOptions, body: () => Promise<T>): Promise<T> {
  mkdirSync(locksDirectory, { recursive: true });
  const file = join(locksDirectory, name);
  options.signal.throwIfAborted();
  const holder = spawn('flock', ['--exclusive', '--no-fork', file, 'sh', '-c', 'echo held; exec cat'], {
    // Its own process group: Ctrl-C must not take the lock away while we tidy up.
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const exited = once(holder, 'exit');
  const giveUp = (): void => void holder.kill();
  options.signal.addEventListener('abort', giveUp, { once: true });
  const waiting = setTimeout(() => options.onWait?.(), 500);
  try {
    await Promise.race([once(holder.stdout, 'data'), exited]);
    options.signal.throwIfAborted();
    options.signal.removeEventListener('abort', giveUp);
    clearTimeout(waiting);
    return await body();
  } finally {
    clearTimeout(waiting);
    holder.stdin.end();
    await exited;
  }
}
