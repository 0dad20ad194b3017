import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { RunEvent, TaskOutcome } from '../../../src/run/events.js';
import { program } from '../../cli/program.js';
import { startStopwatch } from '../../rig/stopwatch.js';
import { until } from '../../rig/until.js';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly events: readonly RunEvent[];
  /** From the start of the program to its end, as far as this machine had time for it. */
  readonly milliseconds: number;
  /** The most memory it had resident, in megabytes. */
  readonly peakMegabytes: number;
  /** What became of a task on each host, by the task's name. */
  task(name: string): Readonly<Record<string, TaskOutcome>>;
}

/** The program while it runs. */
export interface Running {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  stdout(): string;
  stderr(): string;
  signal(name: NodeJS.Signals): void;
  /** Waits until a task has begun on a host. */
  begun(task: string): Promise<void>;
}

export interface StartOptions {
  readonly directory: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Words before the program's own (`prlimit --nofile=64`). */
  readonly within?: readonly string[];
}

/** Starts the program as a user does, without a terminal, and lets the test go on. */
export function startRunner(options: StartOptions): Running {
  const watch = startStopwatch();
  const [command = '', ...args] = [...(options.within ?? []), process.execPath, program, ...options.args];
  const child = spawn(command, args, {
    cwd: options.directory,
    env: { ...process.env, NO_COLOR: '1', SSH_AUTH_SOCK: '', ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  let peakMegabytes = 0;
  const memory = setInterval(() => {
    peakMegabytes = Math.max(peakMegabytes, peakOf(child.pid ?? 0));
  }, 50);
  const stdout = (): string => Buffer.concat(out).toString();
  const stderr = (): string => Buffer.concat(err).toString();
  const ended = once(child, 'close').then((): Ended => {
    clearInterval(memory);
    const events = eventsOf(stdout());
    return {
      code: child.exitCode,
      signal: child.signalCode,
      stdout: stdout(),
      stderr: stderr(),
      events,
      milliseconds: watch.milliseconds(),
      peakMegabytes,
      task: (name) =>
        Object.fromEntries(
          events.flatMap((event) =>
            event.kind === 'task-end' && event.ref.task === name ? [[event.ref.host, event.outcome]] : [],
          ),
        ),
    };
  });
  return {
    pid: child.pid ?? 0,
    ended,
    stdout,
    stderr,
    signal: (name) => void child.kill(name),
    begun: (task) =>
      until(() => {
        if (child.exitCode !== null) throw new Error(`the program ended: ${stdout()}${stderr()}`);
        return eventsOf(stdout()).some((event) => event.kind === 'task-start' && event.ref.task === task);
      }, 60_000),
  };
}

/** The whole lines of JSON so far; none when the output is something else. */
function eventsOf(stdout: string): readonly RunEvent[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('{"kind":'))
    .map((line) => JSON.parse(line) as RunEvent);
}

/** The high-water mark of a process's memory; 0 when it is gone. */
function peakOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
