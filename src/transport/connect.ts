import { userInfo } from 'node:os';
import { CancelledError, UnreachableError } from '../core/errors.js';
import type { ConnectionSettings } from '../inventory/types.js';
import { BecomeGate } from './become-gate.js';
import { ChannelSlots } from './channel-slots.js';
import type { Deadline } from './deadline.js';
import { openChain } from './jump.js';
import { startLocalProcess } from './local-process.js';
import type { ChannelProcess } from './process.js';
import { makeSession } from './session.js';
import { interruptedError, openConnection, type OpenOptions } from './open-connection.js';
import type { SshConnection } from './ssh-connection.js';
import { ChannelRefusedError, startSshProcess } from './ssh-process.js';
import type { Session } from './types.js';
import { pause } from './wait.js';

/** Channels in use at once; OpenSSH refuses the 11th (MaxSessions 10). */
const mostChannels = 8;
/** Tries for the only channel of a connection, and the pause before them in ms (times 1, 2, 3 …). */
const mostLoneRefusals = 8;
const lonePause = 25;

export interface ConnectOptions extends Omit<OpenOptions, 'through'> {
  /** Remembers a wrong sudo password over reconnects; the pool keeps one a host. */
  readonly gate?: BecomeGate | undefined;
  /** Goes into the names of temporary files. */
  readonly runId?: string | undefined;
  /** Gives the connection to the last jump host, shared by all behind it; without it a session opens its own. */
  readonly tunnel?: ((jump: readonly ConnectionSettings[]) => Promise<SshConnection>) | undefined;
}

/**
 * Connects to a host and starts the login user's shell there, all within `connectTimeoutSeconds`. Throws
 * UnreachableError (with its reason and a hint) or CancelledError.
 */
export async function connect(settings: ConnectionSettings, options: ConnectOptions): Promise<Session> {
  return settings.kind === 'local' ? connectLocally(options) : connectSsh(settings, options);
}

function connectLocally(options: ConnectOptions): Session {
  let settle: (reason: undefined) => void = () => undefined;
  const closed = new Promise<undefined>((resolve) => {
    settle = resolve;
  });
  return makeSession({
    host: options.host,
    loginUser: userInfo().username,
    start: startLocalProcess,
    gate: options.gate ?? new BecomeGate(),
    runId: options.runId,
    closed,
    end: () => settle(undefined),
  });
}

async function connectSsh(settings: ConnectionSettings, options: ConnectOptions): Promise<Session> {
  const own: SshConnection[] = [];
  const tunnel = options.tunnel ?? ((jump) => openChain(jump, { ...options, opened: own }));
  const through = settings.jump.length === 0 ? undefined : () => tunnel(settings.jump);
  try {
    const { connection, deadline } = await openConnection(settings, { ...options, through });
    try {
      return await startSession({ settings, options, connection, deadline, own });
    } finally {
      deadline.dispose();
    }
  } catch (error) {
    for (const tunnel of own) tunnel.end();
    throw error;
  }
}

async function startSession(parts: {
  readonly settings: ConnectionSettings;
  readonly options: ConnectOptions;
  readonly connection: SshConnection;
  readonly deadline: Deadline;
  readonly own: readonly SshConnection[];
}): Promise<Session> {
  const { settings, options, connection, deadline } = parts;
  const slots = new ChannelSlots({ limit: mostChannels, spare: () => session.shells.endOneIdle() });
  const session = makeSession({
    host: options.host,
    loginUser: settings.user,
    start: (command) => startInSlot({ connection, slots, command, host: options.host }),
    gate: options.gate ?? new BecomeGate(),
    runId: options.runId,
    onShellIdle: () => slots.relieve(),
    closed: connection.closed,
    end: () => {
      connection.end();
      for (const tunnel of parts.own) tunnel.end();
    },
  });
  try {
    await session.shells.open(deadline.signal);
    return session;
  } catch (error) {
    connection.end();
    if (error instanceof CancelledError) throw interruptedError({ settings, options, deadline });
    throw error;
  }
}

/** Waits for a free channel; a server that gives fewer than expected (MaxSessions) is taken at its word. */
async function startInSlot(parts: {
  readonly connection: SshConnection;
  readonly slots: ChannelSlots;
  readonly command: string;
  readonly host: string;
}): Promise<ChannelProcess> {
  const { connection, slots, host } = parts;
  await slots.take();
  for (let alone = 1; ;) {
    try {
      const process = await startSshProcess(connection, parts.command);
      slots.opened();
      void process.closed.then(() => slots.give());
      return process;
    } catch (error) {
      if (error instanceof ChannelRefusedError) {
        if (slots.refused()) {
          await slots.take();
          continue;
        }
        // Nothing else is open, but the server may not have noticed yet that the last one was closed.
        if (alone <= mostLoneRefusals) {
          await pause(lonePause * alone);
          alone += 1;
          continue;
        }
      }
      slots.give();
      const message = error instanceof Error ? error.message : String(error);
      if (error instanceof ChannelRefusedError) {
        throw new UnreachableError({ host, reason: 'shell', message: `the server opens no channel: ${message}` });
      }
      throw new UnreachableError({
        host,
        reason: 'lost',
        message: `the connection was lost: ${message}`,
        cause: error,
      });
    }
  }
}
