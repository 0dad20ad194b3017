import type { Session } from '../transport/types.js';
import type { Clock } from './clock.js';
import type { Connect } from './request.js';

/**
 * A host's one connection: opened when something first needs it, opened anew after it was lost between two tasks. A
 * host that could not be reached is not tried again in the same run, so a dead host costs one timeout.
 */
export class HostConnection {
  readonly #host: string;
  readonly #connect: Connect;
  readonly #clock: Clock;
  readonly #onConnected: (milliseconds: number) => void;
  readonly #onSession: ((session: Session) => Promise<void>) | undefined;
  #session: Promise<Session> | undefined;

  constructor(options: {
    readonly host: string;
    readonly connect: Connect;
    readonly clock: Clock;
    readonly onConnected: (milliseconds: number) => void;
    /** Runs on every new session before anybody gets it (the lock). */
    readonly onSession?: (session: Session) => Promise<void>;
  }) {
    this.#host = options.host;
    this.#connect = options.connect;
    this.#clock = options.clock;
    this.#onConnected = options.onConnected;
    this.#onSession = options.onSession;
  }

  /** The open session. Throws UnreachableError, each time the same one. */
  async session(): Promise<Session> {
    this.#session ??= this.#open();
    return this.#session;
  }

  get isOpen(): boolean {
    return this.#session !== undefined;
  }

  /** Forgets a connection that is lost or must be made anew; the next task opens another one. */
  async reset(): Promise<void> {
    const opening = this.#session;
    this.#session = undefined;
    const session = await opened(opening);
    await session?.close();
  }

  async #open(): Promise<Session> {
    const started = this.#clock.now();
    const session = await this.#connect(this.#host);
    this.#onConnected(this.#clock.now() - started);
    const own = this.#session;
    void session.closed.then(() => {
      if (this.#session === own) this.#session = undefined;
    });
    try {
      await this.#onSession?.(session);
    } catch (error) {
      await session.close();
      throw error;
    }
    return session;
  }
}

/** The session, or undefined when it never opened: why was told to whoever opened it. */
async function opened(opening: Promise<Session> | undefined): Promise<Session | undefined> {
  try {
    return await opening;
  } catch {
    return undefined;
  }
}
