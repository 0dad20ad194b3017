import type { Duplex } from 'node:stream';
import { Client } from 'ssh2';
import { UnreachableError } from '../core/errors.js';
import type { ConnectionSettings } from '../inventory/types.js';
import { offeredAlgorithms } from './algorithms.js';
import { authenticator, planAttempts, type AttemptPlan } from './authentication.js';
import { connectError } from './connect-error.js';
import { appendKnownHost, readKnownHosts } from './known-hosts-file.js';
import { judgeHostKey } from './host-key.js';
import { fingerprint, keyType, knownHostName, linesFor, type KnownHostLine } from './known-hosts.js';

/** An authenticated SSH connection. */
export interface SshConnection {
  readonly client: Client;
  /** Settles (never rejects) when the connection is gone: with the reason, or undefined after `end`. */
  readonly closed: Promise<string | undefined>;
  /** Opens a TCP connection from the far side (a jump host's part). */
  forward(target: { readonly address: string; readonly port: number }): Promise<Duplex>;
  /** Says goodbye; called again, it does not wait for the other side's. */
  end(): void;
}

export interface HandshakeOptions {
  /** The inventory's name, for errors. */
  readonly host: string;
  readonly settings: ConnectionSettings;
  readonly preparation: Preparation;
  readonly socket: Duplex;
  readonly signal: AbortSignal;
  /** Told what a person should know though it stops nothing (a host key was learned). */
  readonly onNotice: (message: string) => void;
  /** What the ProxyCommand said on stderr. */
  readonly proxyWords?: () => string;
}

/** "user@address:port", for messages. */
export function targetName(settings: ConnectionSettings): string {
  return `${settings.user}@${settings.address}:${String(settings.port)}`;
}

/** What a handshake needs to know, read before the socket is opened: sshd counts the seconds of a silent client. */
export interface Preparation {
  /** The host's name in known_hosts. */
  readonly name: string;
  /** The lines of known_hosts that speak of it. */
  readonly known: readonly KnownHostLine[];
  readonly plan: AttemptPlan;
}

/** Reads known_hosts, keys and the agent's list. */
export async function prepareHandshake(settings: ConnectionSettings): Promise<Preparation> {
  const name = settings.hostKeyAlias?.toLowerCase() ?? knownHostName(settings.address, settings.port);
  const [known, plan] = await Promise.all([readKnownHosts(settings.knownHosts), planAttempts(settings)]);
  // Only this host's own lines: every connection keeps them as long as it lasts.
  return { name, known: linesFor(known, name), plan };
}

/** Handshake, host key check and authentication over an open socket. Throws UnreachableError. */
export async function handshake(options: HandshakeOptions): Promise<SshConnection> {
  const { settings, socket, signal } = options;
  const { name, known, plan } = options.preparation;
  const keys = hostKeyCheck(options);
  const authentication = authenticator(settings.user, plan);
  const greeting = sniff(socket);
  gatherPackets(socket);
  const client = new Client();
  // One listener for each channel under way.
  client.setMaxListeners(0);
  let endedByUs = false;
  let lastError: Error | undefined;
  const closed = new Promise<string | undefined>((resolve) => {
    client.once('close', () => resolve(endedByUs ? undefined : closeReason(lastError)));
  });
  const end = (): void => {
    if (endedByUs) socket.destroy();
    endedByUs = true;
    client.end();
    // A peer that does not answer the end must not keep this process alive.
    socket.once('close', () => clearTimeout(timer));
    const timer = setTimeout(() => socket.destroy(), 500);
  };
  try {
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => reject(Object.assign(new Error('timed out'), { level: 'client-timeout' }));
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      client.once('ready', () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
      client.on('error', (error: Error & { level?: string }) => {
        lastError = error;
        // An agent that will not sign ends one attempt, not the connection.
        if (error.level !== 'agent') reject(error);
      });
      client.once('close', () => reject(lastError ?? new Error('Connection lost before handshake')));
      client.connect({
        sock: socket,
        username: settings.user,
        authHandler: authentication.handler,
        algorithms: offeredAlgorithms(known, { name, compression: settings.compression }),
        hostVerifier: keys.verify,
        readyTimeout: 0,
        keepaliveInterval: settings.keepaliveSeconds * 1000,
        // ssh2 gives up when the count is above this: the third unanswered one, after 3 intervals.
        keepaliveCountMax: 2,
        ...(settings.agent === undefined ? {} : { agent: settings.agent }),
        agentForward: settings.forwardAgent && settings.agent !== undefined,
      });
    });
  } catch (error) {
    client.on('error', () => undefined);
    client.end();
    socket.destroy();
    if (keys.refusal() !== undefined) throw keys.refusal();
    throw connectError({
      error: error instanceof Error ? error : new Error(String(error)),
      host: options.host,
      target: targetName(settings),
      timeoutSeconds: settings.connectTimeoutSeconds,
      tried: authentication.summary(),
      greeting: options.proxyWords?.() || greeting(),
    });
  }
  const forward: SshConnection['forward'] = ({ address, port }) =>
    new Promise((resolve, reject) => {
      client.forwardOut('127.0.0.1', 0, address, port, (error, channel) => {
        if (error) reject(error);
        else resolve(channel);
      });
    });
  return { client, closed, forward, end };
}

const inBetween = 'somebody may be in between';

interface HostKeyCheck {
  readonly verify: (key: Buffer, verdict: (accept: boolean) => void) => void;
  readonly refusal: () => UnreachableError | undefined;
}

/** Checks the key the host shows, at first and (ssh2 asks again) whenever keys are exchanged anew. */
function hostKeyCheck(options: HandshakeOptions): HostKeyCheck {
  const { settings } = options;
  const { name, known } = options.preparation;
  let accepted: Buffer | undefined;
  let refusal: UnreachableError | undefined;
  const refuse = (message: string, hint: string): false => {
    refusal = new UnreachableError({ host: options.host, reason: 'host-key', message, hint });
    return false;
  };
  const decide = async (key: Buffer): Promise<boolean> => {
    const verdict = judgeHostKey({ policy: settings.hostKey, name, key, known, files: settings.knownHosts });
    if (verdict.kind === 'refuse') return refuse(verdict.message, verdict.hint);
    const file = settings.knownHosts[0];
    if (verdict.kind === 'learn' && file !== undefined) {
      // Another run may have met this host since the files were read.
      const now = await readKnownHosts(settings.knownHosts);
      const again = judgeHostKey({ policy: settings.hostKey, name, key, known: now, files: settings.knownHosts });
      if (again.kind === 'refuse') return refuse(again.message, again.hint);
      if (again.kind === 'learn') {
        await appendKnownHost(file, { name, key });
        options.onNotice(`added the host key of ${name} to ${file} (${keyType(key)} ${fingerprint(key)})`);
      }
    }
    accepted = key;
    return true;
  };
  return {
    verify: (key, verdict) => {
      if (accepted !== undefined) {
        // At once: while an answer is awaited in a later key exchange, ssh2 1.17 sends data under the old keys.
        verdict(accepted.equals(key) || refuse(`the host key of ${name} changed within the connection`, inBetween));
        return;
      }
      decide(key).then(verdict, (error: unknown) => {
        refuse(`the host key of ${name} could not be checked: ${String(error)}`, 'is known_hosts writable?');
        verdict(false);
      });
    },
    refusal: () => refusal,
  };
}

/** The first words of a server that does not speak SSH (or turns us away in plain text). */
function sniff(socket: Duplex): () => string {
  let first = '';
  // ssh2 pauses the socket until its own listener is there, so this one takes nothing away from it.
  socket.pause();
  const onData = (chunk: Buffer): void => {
    first += chunk.toString('latin1', 0, 256);
    if (first.length >= 256 || first.includes('SSH-')) socket.off('data', onData);
  };
  socket.on('data', onData);
  return () => {
    const line = first.split(/[\r\n]/)[0] ?? '';
    // What a host says is data: control characters have no place in a message.
    return line.startsWith('SSH-') ? '' : line.replace(/[^\x20-\x7e]/g, '?');
  };
}

/**
 * What answers bytes that arrived in one go leaves in one go: each packet of its own would be a call to the kernel,
 * which for small ones costs more than everything else about them.
 */
function gatherPackets(socket: Duplex): void {
  let gathering = false;
  socket.on('data', () => {
    if (gathering) return;
    gathering = true;
    socket.cork();
    setImmediate(() => {
      gathering = false;
      socket.uncork();
    });
  });
}

function closeReason(error: Error | undefined): string {
  if (error === undefined) return 'the connection was closed by the other side';
  if (/keepalive timeout/i.test(error.message)) return 'the host stopped answering (keepalive timeout)';
  return `the connection was lost: ${error.message}`;
}
