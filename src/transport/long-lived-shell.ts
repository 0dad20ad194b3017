import { nextTick } from 'node:process';
import { quote } from '../shell/quote.js';
import { printfFormat, randomToken, shellProgram, waitForTheRest } from './bootstrap.js';
import { FrameReader, type Frame } from './frames.js';
import { launch, type Launcher } from './launch.js';
import type { ChannelProcess } from './process.js';
import type { Become, ExecEnd, ExecResult } from './types.js';
import { raceAbort, settlesWithin } from './wait.js';

/** How long the far side has to end what an interrupted script runs, in ms: TERM, 2 s later KILL. */
const longestKill = 5000;

/** The shell ended (or was killed) while or before a script ran; another one may be started. */
export class ShellGoneError extends Error {
  override readonly name = 'ShellGoneError';
}

export interface ShellScript {
  readonly script: string;
  readonly stdin?: Buffer | undefined;
  /** Bytes kept of each stream. */
  readonly limit: number;
  /** Ends the script and this shell with it. */
  readonly signal: AbortSignal;
}

/**
 * One `sh` that stays and runs scripts one after another, each in a subshell, so that `exit`, `cd` and `set -e` stay
 * inside. stdout and stderr are the channel's own two streams; each reply is framed by a random token of its own.
 * What a process that a script left behind prints between two replies is ignored; what it prints during a later one
 * would be in it, so a script that starts a daemon gives it streams of its own.
 */
export class LongLivedShell {
  readonly #process: ChannelProcess;
  readonly #stdout: FrameReader;
  readonly #stderr: FrameReader;
  #end: ExecEnd | undefined;
  /** From here on an answer is worth nothing: what a script said may be the end of what TERM left of it. */
  #killed = false;
  readonly #outgoing: Buffer[] = [];

  private constructor(process: ChannelProcess) {
    this.#process = process;
    this.#stdout = new FrameReader(process.stdout);
    this.#stderr = new FrameReader(process.stderr);
    this.#send(Buffer.from(`${waitForTheRest}\n`));
    void process.exited.then((end) => {
      this.#end = end.kind === 'code' ? { kind: 'lost', message: 'the shell on the host ended' } : end;
      void settlesWithin(process.closed, 1000).then(() => process.release());
    });
  }

  /** Throws what `launch` throws. */
  static async start(
    launcher: Launcher,
    options: { readonly become?: Become | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<LongLivedShell> {
    return new LongLivedShell(await launch(launcher, { program: shellProgram(), ...options }));
  }

  get alive(): boolean {
    return this.#end === undefined;
  }

  /** Sends one script, which runs after those sent before it, and waits for its reply. Interrupted, it ends them all. */
  async run(request: ShellScript): Promise<ExecResult | 'interrupted'> {
    const token = randomToken();
    const { limit } = request;
    const stdout = this.#stdout.expect({ token, limit, trailerEnd: '\n' });
    const stderr = this.#stderr.expect({ token, limit, trailerEnd: '' });
    this.#send(commandText(token, request));
    const frames = Promise.all([stdout, stderr]);
    const outcome = await this.#firstOf(frames, request.signal);
    if (outcome === 'interrupted') {
      await this.kill();
      return 'interrupted';
    }
    if (outcome === 'ended' || this.#killed) {
      return { end: this.#end ?? { kind: 'lost', message: 'the shell ended' }, stdout: empty, stderr: empty };
    }
    return resultOf(outcome);
  }

  /** Scripts that are sent in one go travel in one packet. */
  #send(text: Buffer): void {
    this.#outgoing.push(text);
    if (this.#outgoing.length > 1) return;
    nextTick(() => {
      const together = Buffer.concat(this.#outgoing.splice(0));
      if (this.alive) this.#process.stdin.write(together);
    });
  }

  async #firstOf(
    frames: Promise<[Frame, Frame]>,
    signal: AbortSignal,
  ): Promise<readonly [Frame, Frame] | 'ended' | 'interrupted'> {
    // A reply that is complete counts even when the shell ended right after it.
    const ended = this.#process.closed.then(() => 'ended' as const);
    const exited = this.#process.exited.then(async () => {
      await settlesWithin(this.#process.closed, 1000);
      return 'ended' as const;
    });
    const outcome = await raceAbort(Promise.race([frames, ended, exited]), signal);
    return outcome === 'aborted' ? 'interrupted' : outcome;
  }

  /** Ends the shell and all that it still runs. */
  async kill(): Promise<void> {
    this.#killed = true;
    this.#end ??= { kind: 'lost', message: 'the shell was ended' };
    this.#process.stdin.end();
    await settlesWithin(this.#process.closed, longestKill);
    this.#process.release();
  }
}

const empty = Buffer.alloc(0);

function commandText(token: string, request: ShellScript): Buffer {
  const begin = `printf %s ${token}'<'; printf %s ${token}'<' >&2\n`;
  const end = `; printf '%s>%d\\n' ${token} $?; printf %s ${token}'>' >&2\n`;
  const script = `( eval ${quote(request.script)} )`;
  if (request.stdin === undefined) return Buffer.from(`${begin}${script} </dev/null${end}`);
  const input = Buffer.concat([Buffer.from("printf '"), quotedFormat(request.stdin), Buffer.from("' | ")]);
  return Buffer.concat([Buffer.from(begin), input, Buffer.from(`${script}${end}`)]);
}

const singleQuote = Buffer.from("'\\''");

/** A printf format for within single quotes. */
function quotedFormat(bytes: Buffer): Buffer {
  const format = printfFormat(bytes);
  if (!format.includes(0x27)) return format;
  return Buffer.from(format.toString('latin1').replaceAll("'", singleQuote.toString()), 'latin1');
}

function resultOf([stdout, stderr]: readonly [Frame, Frame]): ExecResult {
  const omitted = { stdout: stdout.omitted, stderr: stderr.omitted };
  return {
    end: { kind: 'code', code: Number(stdout.trailer) },
    stdout: stdout.bytes,
    stderr: stderr.bytes,
    ...(omitted.stdout + omitted.stderr > 0 ? { omitted } : {}),
  };
}
