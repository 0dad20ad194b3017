import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import type { ConnectionSettings } from '../inventory/types.js';
import { lookupUntil } from './names.js';

/** Opens the TCP connection, both address families in turn (happy eyeballs), with TCP_NODELAY. Rejects with Node's own error. */
export function dialTcp(
  target: { readonly address: string; readonly port: number },
  signal: AbortSignal,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: target.address,
      port: target.port,
      noDelay: true,
      autoSelectFamily: true,
      lookup: lookupUntil(signal),
    });
    const onAbort = (): void => {
      socket.destroy();
      reject(abortReason(signal));
    };
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('error', (error) => {
      signal.removeEventListener('abort', onAbort);
      reject(error);
    });
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort);
      socket.removeAllListeners('error');
      // Between here and ssh2 taking over an error must not be without a listener.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

/** Runs a ProxyCommand and takes its stdin and stdout for the connection; its stderr tells why when it fails. */
export function dialProxyCommand(
  settings: ConnectionSettings,
  command: string,
): { socket: Duplex; words: () => string } {
  const tokens: Readonly<Record<string, string>> = {
    '%%': '%',
    '%h': settings.address,
    '%n': settings.address,
    '%p': String(settings.port),
    '%r': settings.user,
  };
  const expanded = command.replaceAll(/%[%hnpr]/g, (token) => tokens[token] ?? token);
  const child = spawn('/bin/sh', ['-c', `exec ${expanded}`], { stdio: ['pipe', 'pipe', 'pipe'] });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    if (words.length < 2000) words += chunk.toString('utf8');
  });
  const socket = new Duplex({
    read: () => void child.stdout.resume(),
    write: (chunk, _encoding, done) => void child.stdin.write(chunk, () => done()),
    final: (done) => void child.stdin.end(() => done()),
    destroy: (error, done) => {
      child.kill();
      done(error);
    },
  });
  child.stdin.on('error', () => undefined);
  child.on('error', (error) => socket.destroy(error));
  child.stdout.on('data', (chunk: Buffer) => {
    if (!socket.push(chunk)) child.stdout.pause();
  });
  // Not at the end of its stdout: its last words on stderr may come later, and they say why.
  child.once('close', () => socket.push(null));
  return { socket, words: () => words.trim() };
}

function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted');
}
