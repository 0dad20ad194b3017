import type { Duplex } from 'node:stream';
import { CancelledError, UnreachableError } from '../core/errors.js';
import type { ConnectionSettings } from '../inventory/types.js';
import { connectError, isTransient } from './connect-error.js';
import { startDeadline, type Deadline } from './deadline.js';
import { dialProxyCommand, dialTcp } from './dial.js';
import { handshake, prepareHandshake, targetName, type SshConnection } from './ssh-connection.js';
import { pause, raceAbort } from './wait.js';

/** Tries after the first when sshd drops a connection before its first word (MaxStartups). */
const mostRetries = 3;
/** The first pause before another try, in ms; doubled each time, half of it random. */
const firstPause = 200;

/** A name server that fails within this time (ms) is asked again. */
const longestFlap = 2000;

export interface OpenOptions {
  /** The inventory's name of the host, for errors. */
  readonly host: string;
  readonly signal?: AbortSignal | undefined;
  /** Told what a person should know though it stops nothing (a host key was learned). */
  readonly onNotice?: ((message: string) => void) | undefined;
  /** Lets only so many handshakes with one server happen at once. */
  readonly limitHandshake?: (<T>(settings: ConnectionSettings, work: () => Promise<T>) => Promise<T>) | undefined;
  /** Gives the connection of the last jump host, through which the target is reached. */
  readonly through?: (() => Promise<SshConnection>) | undefined;
}

/**
 * Opens an authenticated connection, again when sshd dropped it before its first word, never after a refusal. The
 * deadline (`connectTimeoutSeconds`) is still running when it is given back: the caller disposes of it. Throws
 * UnreachableError and CancelledError.
 */
export async function openConnection(
  settings: ConnectionSettings,
  options: OpenOptions,
): Promise<{ readonly connection: SshConnection; readonly deadline: Deadline }> {
  const limit = options.limitHandshake ?? ((_settings, work) => work());
  for (let attempt = 0; ; attempt += 1) {
    let began = performance.now();
    try {
      // Outside the limit: the jump host's own handshake may need a place under the same one.
      const tunnel = await options.through?.();
      return await limit(settings, async () => {
        began = performance.now();
        const timeoutSeconds = settings.connectTimeoutSeconds;
        const deadline = startDeadline({ timeoutSeconds, signal: options.signal, patient: true });
        try {
          return { connection: await openOnce({ settings, options, deadline, tunnel }), deadline };
        } catch (error) {
          deadline.dispose();
          throw error;
        }
      });
    } catch (error) {
      if (
        attempt >= mostRetries ||
        !isWorthAnotherTry(error, performance.now() - began) ||
        options.signal?.aborted === true
      )
        throw error;
      const wait = firstPause * 2 ** attempt;
      await pause(wait / 2 + Math.random() * wait, options.signal);
    }
  }
}

function isWorthAnotherTry(error: unknown, took: number): boolean {
  if (!(error instanceof UnreachableError) || !(error.cause instanceof Error)) return false;
  // A name server that failed at once may do better in a moment; one that was silent has had its time.
  if (error.reason === 'name-not-found' && took > longestFlap) return false;
  // A server that shuts us out by name would only be made angrier.
  return error.reason !== 'refused' && error.reason !== 'jump-host' && isTransient(error.cause);
}

interface Opening {
  readonly settings: ConnectionSettings;
  readonly options: OpenOptions;
  readonly deadline: Deadline;
  readonly tunnel: SshConnection | undefined;
}

async function openOnce(opening: Opening): Promise<SshConnection> {
  const { settings, options, deadline } = opening;
  const preparation = await prepareHandshake(settings);
  const { socket, words } = await dial(opening);
  try {
    return await handshake({
      host: options.host,
      settings,
      preparation,
      socket,
      signal: deadline.signal,
      onNotice: options.onNotice ?? (() => undefined),
      ...(words === undefined ? {} : { proxyWords: words }),
    });
  } catch (error) {
    if (deadline.interruption() === 'cancelled') throw interruptedError({ settings, options, deadline });
    throw error;
  }
}

async function dial(opening: Opening): Promise<{ readonly socket: Duplex; readonly words?: () => string }> {
  const { settings, options, deadline, tunnel } = opening;
  if (tunnel !== undefined) return { socket: await dialThrough(tunnel, opening) };
  if (settings.proxyCommand !== undefined) return dialProxyCommand(settings, settings.proxyCommand);
  try {
    return { socket: await dialTcp(settings, deadline.signal) };
  } catch (error) {
    if (deadline.interruption() !== undefined) throw interruptedError({ settings, options, deadline });
    throw connectError({
      error: error instanceof Error ? error : new Error(String(error)),
      host: options.host,
      target: targetName(settings),
      timeoutSeconds: settings.connectTimeoutSeconds,
      tried: '',
      greeting: '',
    });
  }
}

/** Opens the way from the last jump host to the target; a target that does not answer there must not hang us. */
async function dialThrough(tunnel: SshConnection, opening: Opening): Promise<Duplex> {
  const { settings, options, deadline } = opening;
  const forwarded = tunnel.forward(settings);
  try {
    const socket = await raceAbort(forwarded, deadline.signal);
    if (socket !== 'aborted') return socket;
  } catch (error) {
    const last = settings.jump.at(-1);
    const words = error instanceof Error ? error.message : String(error);
    throw new UnreachableError({
      host: options.host,
      reason: 'jump-host',
      message: `the jump host ${last?.address ?? ''} cannot reach ${settings.address}:${String(settings.port)}: ${words}`,
      cause: error,
    });
  }
  forwarded.then((late) => late.destroy()).catch(() => undefined);
  throw interruptedError(opening);
}

/** The error for a connection that took too long or was cancelled. */
export function interruptedError(opening: Pick<Opening, 'settings' | 'options' | 'deadline'>): Error {
  const { settings, options, deadline } = opening;
  if (deadline.interruption() === 'cancelled') return new CancelledError('cancelled while connecting');
  return connectError({
    error: Object.assign(new Error('timed out'), { level: 'client-timeout' }),
    host: options.host,
    target: targetName(settings),
    timeoutSeconds: settings.connectTimeoutSeconds,
    tried: '',
    greeting: '',
  });
}
