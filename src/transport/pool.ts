import pLimit, { type LimitFunction } from 'p-limit';
import { isIPv4 } from 'node:net';
import type { ConnectionSettings } from '../inventory/types.js';
import { BecomeGate } from './become-gate.js';
import { connect, type ConnectOptions } from './connect.js';
import { openHop } from './jump.js';
import { targetName, type SshConnection } from './ssh-connection.js';
import type { Session } from './types.js';

/** Handshakes with one server at once: sshd drops some above 10 (MaxStartups 10:30:100). */
const mostHandshakes = 8;

export interface PoolOptions {
  /** Goes into the names of temporary files. */
  readonly runId?: string;
  readonly onNotice?: (message: string) => void;
}

interface Entry {
  readonly session: Promise<Session>;
  /** The connection was lost: the next task that asks gets a new one. */
  lost: boolean;
}

/**
 * The connections of a run: one a host, opened when first asked for and shared by all its tasks; one a jump host,
 * shared by all hosts behind it. A lost connection is opened anew for the next task that asks (what was under way on
 * the old one has ended as lost); a connection that could not be opened is tried again by the next that asks.
 */
export class SessionPool {
  readonly #options: PoolOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #gates = new Map<string, BecomeGate>();
  readonly #limits = new Map<string, LimitFunction>();
  readonly #tunnels = new Map<string, Promise<SshConnection>>();
  readonly #abort = new AbortController();

  constructor(options: PoolOptions = {}) {
    this.#options = options;
  }

  /** The session of a host. Throws UnreachableError, or CancelledError when the pool is closing or the signal fired. */
  async session(request: {
    readonly host: string;
    readonly settings: ConnectionSettings;
    readonly signal?: AbortSignal;
  }): Promise<Session> {
    // Another login on the same inventory host (a task's own ssh settings) is another connection.
    const key = JSON.stringify([request.host, request.settings]);
    const known = this.#entries.get(key);
    if (known !== undefined && !known.lost) return known.session;
    const entry: Entry = { session: this.#connect(request), lost: false };
    this.#entries.set(key, entry);
    const markLost = (): void => {
      entry.lost = true;
    };
    entry.session.then((session) => void session.closed.then(markLost), markLost);
    return entry.session;
  }

  #connect(request: {
    readonly host: string;
    readonly settings: ConnectionSettings;
    readonly signal?: AbortSignal;
  }): Promise<Session> {
    const { host, settings } = request;
    const gate = this.#gates.get(host) ?? new BecomeGate();
    this.#gates.set(host, gate);
    const signals = request.signal === undefined ? [this.#abort.signal] : [this.#abort.signal, request.signal];
    const options: ConnectOptions = {
      host,
      gate,
      runId: this.#options.runId,
      onNotice: this.#options.onNotice,
      signal: AbortSignal.any(signals),
      limitHandshake: (target, work) => this.#limit(target)(work),
    };
    return connect(settings, { ...options, tunnel: (jump) => this.#tunnel(jump, options) });
  }

  /** The connection to the last of some jump hosts; each hop of a chain is opened once, for all chains that begin so. */
  #tunnel(jump: readonly ConnectionSettings[], options: ConnectOptions): Promise<SshConnection> {
    const key = JSON.stringify(jump);
    const known = this.#tunnels.get(key);
    if (known !== undefined) return known;
    const before = jump.slice(0, -1);
    const hop = jump.at(-1);
    if (hop === undefined) throw new RangeError('a chain of jump hosts needs at least one');
    const tunnel = openHop(hop, {
      ...options,
      // The tunnel serves every host behind it, so only the end of the run cancels it, not one task's signal.
      signal: this.#abort.signal,
      through: before.length === 0 ? undefined : () => this.#tunnel(before, options),
    });
    this.#tunnels.set(key, tunnel);
    const forget = (): void => {
      if (this.#tunnels.get(key) === tunnel) this.#tunnels.delete(key);
    };
    tunnel.then((connection) => void connection.closed.then(forget), forget);
    return tunnel;
  }

  #limit(settings: ConnectionSettings): LimitFunction {
    const server = serverOf(settings);
    const limit = this.#limits.get(server) ?? pLimit(mostHandshakes);
    this.#limits.set(server, limit);
    return limit;
  }

  /**
   * Ends every connection and whatever still runs on them. Never throws. With a patience (milliseconds), hosts that do
   * not answer by then are cut off; their own watchdogs end what runs there.
   */
  async closeAll(patience?: number): Promise<void> {
    this.#abort.abort();
    const sessions = [...this.#entries.values()].map((entry) => entry.session);
    await Promise.allSettled(sessions.map(async (session) => (await session).close(patience)));
    // The last hop of a chain first: its own connection runs through the ones before.
    for (const tunnel of [...this.#tunnels.values()].toReversed()) await tunnel.then(endTunnel, () => undefined);
    this.#entries.clear();
  }
}

async function endTunnel(connection: SshConnection): Promise<void> {
  connection.end();
  await connection.closed;
}

/** One key for one sshd; all of 127.0.0.0/8 is this machine, and hosts behind a jump host are told apart by it. */
function serverOf(settings: ConnectionSettings): string {
  const { address, port, jump } = settings;
  const machine = isIPv4(address) && address.startsWith('127.') ? 'loopback' : address;
  return [...jump.map(targetName), `${machine}:${String(port)}`].join(' ');
}
