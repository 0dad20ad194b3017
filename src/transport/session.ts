import { randomBytes } from 'node:crypto';
import { Duplex } from 'node:stream';
import { UnreachableError } from '../core/errors.js';
import { streamProgram } from './bootstrap.js';
import type { BecomeGate } from './become-gate.js';
import { exec } from './exec.js';
import { launch, type Launcher } from './launch.js';
import type { ChannelProcess } from './process.js';
import { read } from './read.js';
import { ShellRoster } from './shell-roster.js';
import type { Become, ReadRequest, Session } from './types.js';
import { settlesWithin } from './wait.js';
import { write } from './write.js';

export interface SessionParts {
  /** The inventory's name. */
  readonly host: string;
  /** The user whose shell answers: becoming that user needs no sudo. */
  readonly loginUser: string;
  start(command: string): Promise<ChannelProcess>;
  readonly gate: BecomeGate;
  readonly runId?: string | undefined;
  /** Told when a long-lived shell has nothing to do. */
  readonly onShellIdle?: (() => void) | undefined;
  /** Settles when the connection is gone; undefined: by `end`. */
  readonly closed: Promise<string | undefined>;
  /** Ends the connection; the second time without a word to the other side. */
  end(): void;
}

/** A session, and the shells in it that a connection has to give back when channels run short. */
export interface SessionWithShells extends Session {
  readonly shells: ShellRoster;
}

/** Builds a session from a way to start processes. */
export function makeSession(parts: SessionParts): SessionWithShells {
  let gone: string | undefined;
  let closing: Promise<void> | undefined;
  void parts.closed.then((reason) => {
    gone = reason ?? 'the session was closed';
  });
  const live = new Set<ChannelProcess>();
  const track = async (starting: Promise<ChannelProcess>): Promise<ChannelProcess> => {
    const process = await starting;
    live.add(process);
    void process.closed.then(() => live.delete(process));
    return process;
  };
  const launcher: Launcher = {
    host: parts.host,
    gate: parts.gate,
    start: (command) => {
      if (gone !== undefined || closing !== undefined) {
        const message = gone ?? 'the session was closed';
        throw new UnreachableError({ host: parts.host, reason: 'lost', message });
      }
      return track(parts.start(command));
    },
  };
  const shells = new ShellRoster(launcher, parts.onShellIdle);
  const writer = { launcher, shells, runId: parts.runId ?? randomBytes(4).toString('hex'), swept: new Set<string>() };
  const needed = <T extends { readonly become?: Become }>(request: T): T => {
    if (request.become?.user !== parts.loginUser) return request;
    const { become: _same, ...rest } = request;
    return rest as T;
  };
  const closeInOrder = async (): Promise<void> => {
    await shells.close();
    // The end of its channel ends a command; the end of a connection would too, but `local` has none.
    for (const process of live) process.release();
    parts.end();
    await parts.closed;
  };
  return {
    host: parts.host,
    shells,
    closed: parts.closed,
    exec: async (request) => exec(launcher, needed(request)),
    script: async (request) => shells.run({ ...needed(request), script: request.script.raw }),
    write: async (request) => write(writer, needed(request)),
    read: async (request: ReadRequest) => read({ launcher, shells }, needed(request)),
    open: async (request) => {
      const { become, signal, command } = needed(request);
      const process = await launch(launcher, { program: streamProgram(command.raw), become, signal });
      return duplexOf(process, command.masked);
    },
    close: async (patience) => {
      closing ??= closeInOrder();
      if (patience === undefined || (await settlesWithin(closing, patience))) return closing;
      parts.end();
      parts.end();
      return closing;
    },
  };
}

/** The most of a stream's stderr that is kept for its error. */
const mostWords = 2000;

/** stdin and stdout as one stream, which fails with the command's own words when it ends badly. */
function duplexOf(process: ChannelProcess, name: string): Duplex {
  let words = '';
  process.stderr.on('data', (chunk: Buffer) => {
    if (words.length < mostWords) words += chunk.toString('utf8');
  });
  process.stderr.resume();
  const stream = new Duplex({
    read: () => void process.stdout.resume(),
    write: (chunk, _encoding, done) => {
      if (process.stdin.write(chunk)) done();
      else process.stdin.once('drain', done);
    },
    final: (done) => {
      process.stdin.end();
      done();
    },
    destroy: (error, done) => {
      process.release();
      done(error);
    },
  });
  process.stdout.on('data', (chunk: Buffer) => {
    if (!stream.push(chunk)) process.stdout.pause();
  });
  process.stdout.once('end', () => stream.push(null));
  process.stdout.resume();
  void process.exited.then(async (end) => {
    if (end.kind === 'code' && end.code === 0) return;
    await process.closed;
    const how =
      end.kind === 'code' ? `exit code ${String(end.code)}` : end.kind === 'signal' ? end.signal : end.message;
    if (!stream.destroyed) stream.destroy(new Error(`${name}: ${how}${words === '' ? '' : `: ${words.trim()}`}`));
  });
  return stream;
}
