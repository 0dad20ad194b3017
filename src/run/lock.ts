import { CancelledError, UnreachableError } from '../core/errors.js';
import type { ShellText } from '../shell/text.js';
import type { ExecResult, Session } from '../transport/types.js';
import type { Clock } from './clock.js';
import { type LockRequest, refreshScript, releaseScript, takeScript } from './lock-script.js';
import { settleAll } from './settle.js';
import { BecomeError } from '../transport/types.js';

/** How often a held lock is refreshed, in milliseconds: three times before it would be stale. */
const refreshInterval = 10_000;

const timeoutSeconds = 10;

/** A shell that does not answer a refresh in this time is busy. Together with the interval well below a lock's age. */
const busySeconds = 5;

/** Another run works on a host: this one stops before it does anything there. */
export class LockedError extends Error {
  override readonly name = 'LockedError';
  readonly host: string;
  readonly holder: string;

  constructor(options: { readonly host: string; readonly holder: string }) {
    super(`another run works on ${options.host}: ${options.holder}`);
    this.host = options.host;
    this.holder = options.holder;
  }
}

/** The host's shell may be busy with a long task: then the sign of life goes through a channel of its own. */
async function refreshed(session: Session, script: ShellText): Promise<ExecResult> {
  const reply = await session.script({ script, timeoutSeconds: busySeconds });
  return reply.end.kind === 'timeout' ? session.exec({ script, timeoutSeconds }) : reply;
}

/** The locks of one run: taken when a host is first connected to, refreshed while the run lives, given back at its end. */
export class HostLocks {
  readonly #request: LockRequest;
  readonly #clock: Clock;
  readonly #warn: (message: string) => void;
  readonly #held = new Map<string, Session>();
  readonly #ended = new AbortController();
  #refreshing: Promise<void> | undefined;

  constructor(options: {
    readonly request: LockRequest;
    readonly clock: Clock;
    readonly warn: (message: string) => void;
  }) {
    this.#request = options.request;
    this.#clock = options.clock;
    this.#warn = options.warn;
  }

  /** Takes a host's lock, or takes it again over a new session. Throws LockedError, UnreachableError. */
  async take(session: Session): Promise<void> {
    const { end, stdout } = await session.script({ script: takeScript(this.#request), timeoutSeconds });
    if (end.kind === 'lost') throw new UnreachableError({ host: session.host, reason: 'lost', message: end.message });
    const answer = stdout.toString('utf8').trim();
    if (answer.startsWith('held'))
      throw new LockedError({ host: session.host, holder: answer.slice('held'.length).trim() });
    if (answer !== 'taken') {
      this.#warn(`${session.host} cannot be locked: another run could work on it at the same time`);
      return;
    }
    this.#held.set(session.host, session);
    this.#refreshing ??= this.#refresh();
  }

  /** Gives all locks back; a host that cannot be reached any more frees its lock by itself. */
  async release(): Promise<void> {
    this.#ended.abort();
    await this.#refreshing;
    await this.#each(async (session) => {
      await session.script({ script: releaseScript(this.#request), timeoutSeconds });
    });
    this.#held.clear();
  }

  async #refresh(): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      try {
        await this.#clock.sleep(refreshInterval, signal);
      } catch (error) {
        if (error instanceof CancelledError) return;
        throw error;
      }
      await this.#each(async (session) => {
        const { stdout } = await refreshed(session, refreshScript(this.#request));
        const answer = stdout.toString('utf8').trim();
        if (!answer.startsWith('held')) return;
        this.#held.delete(session.host);
        this.#warn(`the lock of ${session.host} was taken over: ${answer.slice('held'.length).trim()}`);
      });
    }
  }

  async #each(action: (session: Session) => Promise<void>): Promise<void> {
    await settleAll(
      [...this.#held.values()].map(async (session) => {
        try {
          await action(session);
        } catch (error) {
          if (!(error instanceof UnreachableError || error instanceof BecomeError)) throw error;
        }
      }),
    );
  }
}
