import { once } from 'node:events';
import { Readable } from 'node:stream';
import { CancelledError } from '../core/errors.js';
import { commandBody, commandProgram } from './bootstrap.js';
import { startDeadline, type Deadline } from './deadline.js';
import { launch, type Launcher } from './launch.js';
import { LineSplitter, OutputKeeper } from './output.js';
import type { ChannelProcess } from './process.js';
import { raceAbort, settlesWithin } from './wait.js';
import type { Become, ExecEnd, ExecRequest, ExecResult } from './types.js';

/** A stream of a command's output is kept whole up to this many bytes (G12), and of a longer one so many of its beginning and end. */
export const outputLimit = 10 * 1024 * 1024;
const keptOfMore = 2 * 1024 * 1024;
/** How long output may stay quiet after the exit before a stream held open by a daemon is given up, in ms. */
const quietAfterExit = 1000;
/**
 * How long output may go on after the exit at all, in ms, and how many bytes: a daemon that keeps writing is no reason
 * to wait. What the command itself wrote fits into the channel's window (2 MiB) and the pipe before it.
 */
const longestAfterExit = 30_000;
const mostAfterExit = 3 * 1024 * 1024;
/** How long the far side has to end a process group: its watchdog sends TERM, and KILL 2 s later. In ms. */
const longestKill = 4000;

/** A command with everything the wire needs; `stdin` may be a stream of a known size. */
export interface CommandRequest {
  readonly script: string;
  readonly stdin?: { readonly size: number; readonly stream: Readable } | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly directory?: string | undefined;
  readonly become?: Become | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Gets stdout in place of the result (which then has an empty one); awaited, so a slow reader slows the far side. */
  readonly onStdout?: ((chunk: Buffer) => void | Promise<void>) | undefined;
  readonly onLines?: ExecRequest['onLines'] | undefined;
  readonly overflow?: ExecRequest['overflow'] | undefined;
}

/** Runs a user's command on a channel of its own. */
export function exec(launcher: Launcher, request: ExecRequest): Promise<ExecResult> {
  const { stdin } = request;
  return runCommand(launcher, {
    ...request,
    script: request.script.raw,
    stdin: stdin === undefined ? undefined : { size: stdin.length, stream: Readable.from([stdin]) },
  });
}

/**
 * Runs a command and waits until nothing of it is left that could still change anything: on a timeout or cancel its
 * whole process group is killed first. Throws what `launch` throws, and CancelledError when the signal fired.
 */
export async function runCommand(launcher: Launcher, request: CommandRequest): Promise<ExecResult> {
  const { script, directory, become, stdin } = request;
  const parts = { script, directory, environment: checkedEnvironment(request.environment ?? {}) };
  const watched = become === undefined && stdin === undefined;
  const program = watched ? commandBody(parts) : commandProgram({ ...parts, stdinLength: stdin?.size ?? 0 });
  const deadline = startDeadline(request);
  try {
    if (deadline.signal.aborted) throw new CancelledError('cancelled before the command was started');
    const process = await launch(launcher, { program, watched, become, signal: deadline.signal });
    return await collect(process, request, deadline);
  } catch (error) {
    if (error instanceof CancelledError && deadline.interruption() === 'timeout') {
      return { end: timeoutEnd(request), stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
    }
    throw error;
  } finally {
    deadline.dispose();
  }
}

async function collect(process: ChannelProcess, request: CommandRequest, deadline: Deadline): Promise<ExecResult> {
  const stdout = gather(process.stdout, request, 'stdout');
  const stderr = gather(process.stderr, request, 'stderr');
  if (request.stdin !== undefined) {
    // A source that fails must not leave the command with half of it: the end of the channel ends the command.
    feed(process, request.stdin, deadline.signal).catch(() => process.stdin.end());
  }
  // A reader that fails stops taking, so the command would wait for it for ever.
  const end = await raceAbort(Promise.race([process.exited, stdout.refused]), deadline.signal);
  if (end === 'aborted' || end === 'refused') {
    await killed(process);
  } else {
    await Promise.race([outputComplete(process, [stdout, stderr]), stdout.refused]);
  }
  try {
    await stdout.finish();
    await stderr.finish();
  } finally {
    process.release();
  }
  if (deadline.interruption() === 'cancelled' && end === 'aborted') {
    throw new CancelledError('cancelled: the command and its whole process group were ended');
  }
  const omitted = { stdout: stdout.keeper.omitted, stderr: stderr.keeper.omitted };
  return {
    end: typeof end === 'string' ? timeoutEnd(request) : end,
    stdout: stdout.keeper.bytes(),
    stderr: stderr.keeper.bytes(),
    ...(omitted.stdout + omitted.stderr > 0 ? { omitted } : {}),
  };
}

function timeoutEnd(request: CommandRequest): ExecEnd {
  return { kind: 'timeout', seconds: request.timeoutSeconds ?? 0 };
}

/** Sends the stdin of the command; the channel's own stdin stays open, since its end means "end everything". */
async function feed(
  process: ChannelProcess,
  source: NonNullable<CommandRequest['stdin']>,
  signal: AbortSignal,
): Promise<void> {
  let sent = 0;
  let ended = false;
  void process.exited.then(() => {
    ended = true;
  });
  for await (const chunk of source.stream as AsyncIterable<Buffer>) {
    if (ended || signal.aborted) return;
    sent += chunk.length;
    if (!process.stdin.write(chunk)) await drained(process, signal);
  }
  if (sent !== source.size) throw new Error(`sent ${String(sent)} bytes of ${String(source.size)}`);
}

async function drained(process: ChannelProcess, signal: AbortSignal): Promise<void> {
  const waiting = new AbortController();
  const either = AbortSignal.any([signal, waiting.signal]);
  await Promise.race([once(process.stdin, 'drain', { signal: either }), process.exited]).catch(() => undefined);
  waiting.abort();
}

/** Ends the process group by ending stdin, which its watchdog reads, and waits until that is done. */
async function killed(process: ChannelProcess): Promise<void> {
  process.stdin.end();
  await settlesWithin(process.closed, longestKill);
}

/** After the exit: until both streams ended, or a process that was left behind keeps them open without a word. */
async function outputComplete(process: ChannelProcess, streams: readonly Gathered[]): Promise<void> {
  const received = (): number => streams.reduce((sum, stream) => sum + stream.received(), 0);
  const exitAt = performance.now();
  const enough = received() + mostAfterExit;
  let longest = exitAt + longestAfterExit;
  for (;;) {
    const began = performance.now();
    const isHeld = streams.some((stream) => stream.isHeld());
    const lastAt = Math.max(exitAt, ...streams.map((stream) => stream.lastAt()));
    const wait = isHeld ? quietAfterExit : Math.min(lastAt + quietAfterExit, longest) - began;
    if (wait <= 0 || received() > enough || (await settlesWithin(process.closed, wait))) return;
    // Whoever reads the output here (a pager) may take any time for it.
    if (isHeld) longest += performance.now() - began;
  }
}

interface Gathered {
  readonly keeper: OutputKeeper;
  /** When bytes last came, or were taken. */
  readonly lastAt: () => number;
  /** Bytes wait to be taken by whoever reads them here. */
  readonly isHeld: () => boolean;
  readonly received: () => number;
  /** Settles when `onStdout` or `onLines` failed. */
  readonly refused: Promise<'refused'>;
  /** Waits until all was taken; throws what `onStdout` or `onLines` threw. */
  finish(): Promise<void>;
}

function gather(stream: Readable, request: CommandRequest, name: 'stdout' | 'stderr'): Gathered {
  const { onLines, overflow } = request;
  const keeper = new OutputKeeper({
    limit: outputLimit,
    kept: keptOfMore,
    overflow: overflow === undefined ? undefined : () => overflow(name),
  });
  const splitter = onLines === undefined ? undefined : new LineSplitter();
  const tell = (lines: readonly string[]): Promise<void> | undefined =>
    lines.length === 0 ? undefined : (onLines?.(lines, name) ?? undefined);
  const onStdout = name === 'stdout' ? request.onStdout : undefined;
  let lastAt = 0;
  let received = 0;
  let taking: Promise<void> = Promise.resolve();
  let refuse: (word: 'refused') => void = () => undefined;
  const refused = new Promise<'refused'>((resolve) => {
    refuse = resolve;
  });
  let pending = 0;
  /** Takes nothing more until this is done. A chunk that was on its way already waits for its turn. */
  const hold = (work: () => void | Promise<void>): void => {
    pending += 1;
    stream.pause();
    taking = taking.then(async () => {
      await work();
      lastAt = performance.now();
      pending -= 1;
      if (pending === 0) stream.resume();
    });
    // Its failure is told by finish(); the stream stays paused, so the far side stops too.
    taking.catch(() => refuse('refused'));
  };
  const onData = (chunk: Buffer): void => {
    lastAt = performance.now();
    received += chunk.length;
    if (onStdout !== undefined) {
      hold(() => onStdout(chunk));
      return;
    }
    keeper.add(chunk);
    const told = splitter === undefined ? undefined : tell(splitter.add(chunk));
    if (told !== undefined) hold(() => told);
  };
  stream.on('data', onData);
  stream.resume();
  return {
    keeper,
    lastAt: () => lastAt,
    isHeld: () => pending > 0,
    received: () => received,
    refused,
    finish: async () => {
      stream.off('data', onData);
      keeper.end();
      await taking;
      await tell(splitter?.end() ?? []);
    },
  };
}

const environmentName = /^[A-Za-z_][A-Za-z0-9_]*$/;

function checkedEnvironment(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const name of Object.keys(environment)) {
    if (!environmentName.test(name)) throw new RangeError(`not a name for an environment variable: ${name}`);
  }
  return environment;
}
