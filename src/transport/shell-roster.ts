import { CancelledError } from '../core/errors.js';
import { startDeadline, type Deadline } from './deadline.js';
import type { Launcher } from './launch.js';
import { LongLivedShell } from './long-lived-shell.js';
import type { Become, ExecResult } from './types.js';
import { settlesWithin } from './wait.js';

/** Long-lived shells kept per session at most; above it the one unused for longest makes room. */
const mostShells = 4;
/** Bytes kept of each stream of a script's reply. */
export const scriptLimit = 64 * 1024 * 1024;
/** How long scripts that were sent ahead may hold up another one, in ms; then their shell is given up for a new one. */
const longestHoldUp = 300;

interface Seat {
  shell: LongLivedShell | undefined;
  /** The script that was queued last; the next one waits for it. */
  last: Promise<unknown>;
  /** Settles when that script has been sent or is over. */
  sent: Promise<void>;
  queued: number;
  /** Scripts sent ahead that are not answered yet. */
  readonly ahead: Set<Promise<unknown>>;
  usedAt: number;
}

export interface ScriptOptions {
  readonly script: string;
  readonly stdin?: Buffer | undefined;
  readonly become?: Become | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly limit?: number | undefined;
  /** See ScriptRequest. */
  readonly ahead?: boolean | undefined;
}

/** The long-lived shells of one session, one for each user; scripts for the same user run in the order they came. */
export class ShellRoster {
  readonly #launcher: Launcher;
  readonly #onIdle: () => void;
  readonly #seats = new Map<string, Seat>();

  constructor(launcher: Launcher, onIdle: () => void = () => undefined) {
    this.#launcher = launcher;
    this.#onIdle = onIdle;
  }

  /** Runs a script and kills what is left of it on timeout or cancel. Throws what `launch` throws, and CancelledError. */
  async run(options: ScriptOptions): Promise<ExecResult> {
    const seat = this.#seat(options.become);
    if (options.ahead === true) return this.#runAhead(seat, options);
    const deadline = startDeadline(options);
    seat.queued += 1;
    let tell: () => void = () => undefined;
    seat.sent = new Promise((resolve) => {
      tell = resolve;
    });
    const turn = seat.last.then(() => this.#runNow(seat, { options, deadline, sent: tell }));
    seat.last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      tell();
      seat.queued -= 1;
      seat.usedAt = performance.now();
      deadline.dispose();
      if (seat.queued === 0) this.#onIdle();
    }
  }

  async #runNow(
    seat: Seat,
    run: { readonly options: ScriptOptions; readonly deadline: Deadline; readonly sent: () => void },
  ): Promise<ExecResult> {
    const { options, deadline } = run;
    try {
      if (deadline.signal.aborted) return interrupted(options, deadline);
      if (seat.ahead.size > 0) await makeWay(seat);
      const shell = await this.#shell(seat, options.become, deadline.signal);
      const running = shell.run({
        script: options.script,
        stdin: options.stdin,
        limit: options.limit ?? scriptLimit,
        signal: deadline.signal,
      });
      run.sent();
      const result = await running;
      return result === 'interrupted' ? interrupted(options, deadline) : result;
    } catch (error) {
      if (error instanceof CancelledError) return interrupted(options, deadline);
      throw error;
    }
  }

  /** Sends a script right behind the one under way; drops it when another one waits already. */
  async #runAhead(seat: Seat, options: ScriptOptions): Promise<ExecResult> {
    await seat.sent;
    const { shell } = seat;
    if (shell?.alive !== true || seat.queued > 1 || options.signal?.aborted === true) return dropped;
    const running = shell.run({
      script: options.script,
      limit: options.limit ?? scriptLimit,
      signal: options.signal ?? new AbortController().signal,
    });
    seat.ahead.add(running);
    try {
      const result = await running;
      return result === 'interrupted' ? dropped : result;
    } finally {
      seat.ahead.delete(running);
      seat.usedAt = performance.now();
    }
  }

  async #shell(seat: Seat, become: Become | undefined, signal: AbortSignal | undefined): Promise<LongLivedShell> {
    if (seat.shell?.alive === true) return seat.shell;
    if (this.#alive().length >= mostShells) this.endOneIdle();
    seat.shell = await LongLivedShell.start(this.#launcher, { become, signal });
    return seat.shell;
  }

  /** Starts the shell of the login user, so that a host is known to be usable. */
  async open(signal: AbortSignal): Promise<void> {
    await this.#shell(this.#seat(undefined), undefined, signal);
  }

  /** Gives the channel of a shell back that nobody uses now. */
  endOneIdle(): void {
    const idle = this.#alive().filter((seat) => seat.queued === 0 && seat.ahead.size === 0);
    const oldest = idle.sort((a, b) => a.usedAt - b.usedAt)[0];
    if (oldest?.shell === undefined) return;
    void oldest.shell.kill();
    oldest.shell = undefined;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#seats.values()].map(async (seat) => seat.shell?.kill()));
  }

  #alive(): Seat[] {
    return [...this.#seats.values()].filter((seat) => seat.shell?.alive === true);
  }

  #seat(become: Become | undefined): Seat {
    const key = become === undefined ? '' : JSON.stringify([become.method, become.user, become.password ?? null]);
    const known = this.#seats.get(key);
    if (known !== undefined) return known;
    const seat: Seat = {
      shell: undefined,
      last: Promise.resolve(),
      sent: Promise.resolve(),
      queued: 0,
      ahead: new Set(),
      usedAt: 0,
    };
    this.#seats.set(key, seat);
    return seat;
  }
}

const dropped: ExecResult = {
  end: { kind: 'lost', message: 'it was sent ahead and is not needed any more' },
  stdout: Buffer.alloc(0),
  stderr: Buffer.alloc(0),
};

/** Waits a moment for what was sent ahead, then gives its shell up. */
async function makeWay(seat: Seat): Promise<void> {
  if (await settlesWithin(Promise.all(seat.ahead), longestHoldUp)) return;
  void seat.shell?.kill();
}

function interrupted(options: ScriptOptions, deadline: Deadline): ExecResult {
  if (deadline.interruption() !== 'timeout') throw new CancelledError('cancelled: what the script ran was ended');
  const seconds = options.timeoutSeconds ?? 0;
  return { end: { kind: 'timeout', seconds }, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
}
