import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A program the lab called ended badly. The message holds its last words. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Called with each line of stdout and stderr, for progress. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Let the program end by itself even when the user interrupts: killing dpkg half-way would leave the machine broken. */
  readonly letFinish?: boolean;
}

/**
 * Runs a program in a process group of its own, so that Ctrl-C at the terminal reaches us first and we decide what it stops.
 * @returns its stdout
 * @throws CommandFailed for any exit but 0; the signal's reason when the user interrupted it
 */
export async function run(command: readonly [string, ...string[]], options: RunOptions = {}): Promise<string> {
  const [program, ...args] = command;
  options.signal?.throwIfAborted();
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: options.cwd,
    env: { ...process.env, ...options.env, LC_ALL: 'C.UTF-8' },
  });
  const stop = (): void => {
    if (child.pid !== undefined && options.letFinish !== true) killGroup(child.pid);
  };
  options.signal?.addEventListener('abort', stop, { once: true });
  const output: string[] = [];
  const tail: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    output.push(line);
    note(line);
  });
  createInterface({ input: child.stderr }).on('line', note);
  function note(line: string): void {
    tail.push(line);
    if (tail.length > 15) tail.shift();
    options.onLine?.(line);
  }
  try {
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done, fail) => {
      child.once('error', fail);
      child.once('close', (exit, by) => done([exit, by]));
    });
    options.signal?.throwIfAborted();
    if (code !== 0) throw new CommandFailed(`${command.join(' ')} ended with ${signal ?? code}\n${tail.join('\n')}`);
    return output.join('\n');
  } finally {
    options.signal?.removeEventListener('abort', stop);
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM');
  } catch {
    // It ended in the same moment.
  }
}
