import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import ssh2, { type Algorithms, type AuthContext, type ServerChannel } from 'ssh2';
import type { ConnectionSettings } from '../../src/inventory/types.js';
import { settingsFor } from './settings.js';
import { makeKey, publicKey } from './sshd.js';

export interface FakeReply {
  /** Runs the command for real with /bin/sh on this machine. */
  run(channel: ServerChannel, command: string): void;
  /** Answers as our boot script would (its tokens), then goes on. */
  boot(channel: ServerChannel, then: () => void): void;
}

export interface FakeServerOptions {
  readonly algorithms?: Partial<Algorithms>;
  readonly hostKeyType?: 'ed25519' | 'rsa';
  readonly banner?: string;
  /** Channels it gives at once; more are refused as sshd does above MaxSessions. */
  readonly maxSessions?: number;
  readonly authenticate?: (context: AuthContext) => void;
  /** What to do for each command after the first (which is the login user's shell and always runs for real). */
  readonly onExec?: (channel: ServerChannel, reply: FakeReply, command: string) => void;
}

export interface FakeServer {
  readonly port: number;
  settings(change?: Partial<ConnectionSettings>): ConnectionSettings;
  /** The client's key exchange offer as it went over the wire. */
  clientKexInit(): string;
  /** Authentication methods that were tried, in order. */
  readonly tried: readonly string[];
  stop(): Promise<void>;
}

/** An SSH server in this process that misbehaves as told. */
export async function startFakeServer(options: FakeServerOptions): Promise<FakeServer> {
  const directory = mkdtempSync(join(tmpdir(), 'rig-fake-'));
  // Not with ssh2's own generator: one in 200 of its ed25519 keys is malformed (1.17.0).
  const hostKey = join(directory, 'host-key');
  makeKey(hostKey, options.hostKeyType ?? 'ed25519');
  const key = join(directory, 'id');
  makeKey(key, 'ed25519');
  const tried: string[] = [];
  let kexInit = '';
  const server = new ssh2.Server(
    {
      hostKeys: [readFileSync(hostKey)],
      ...(options.algorithms === undefined ? {} : { algorithms: options.algorithms }),
      ...(options.banner === undefined ? {} : { banner: options.banner }),
    },
    (client) => {
      let sessions = 0;
      let commands = 0;
      client.on('error', () => undefined);
      client.on('authentication', (context) => {
        tried.push(context.method);
        if (options.authenticate === undefined) context.accept();
        else options.authenticate(context);
      });
      client.on('session', (accept, reject) => {
        if (sessions >= (options.maxSessions ?? 10)) {
          reject();
          return;
        }
        sessions += 1;
        const session = accept();
        session.on('exec', (acceptExec, _reject, info) => {
          const channel = acceptExec();
          commands += 1;
          channel.on('error', () => undefined);
          channel.once('close', () => {
            sessions -= 1;
          });
          const reply = replyTo(info.command);
          if (commands === 1 || options.onExec === undefined) reply.run(channel, info.command);
          else options.onExec(channel, reply, info.command);
        });
      });
    },
  );
  // In front of ssh2's server, to see the bytes of the client's offer.
  const sockets: Socket[] = [];
  const front = createServer((socket) => {
    sockets.push(socket);
    socket.once('data', () => undefined);
    socket.prependListener('data', (chunk: Buffer) => {
      if (kexInit.length < 5000) kexInit += chunk.toString('latin1');
    });
    server.injectSocket(socket);
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  const address = front.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const knownHosts = join(directory, 'known_hosts');
  writeFileSync(knownHosts, `[127.0.0.1]:${String(port)} ${publicKey(hostKey)}\n`);
  return {
    port,
    tried,
    settings: (change) => settingsFor({ port, key, knownHosts }, 'somebody', change),
    clientKexInit: () => kexInit,
    stop: async () => {
      front.close();
      for (const socket of sockets) socket.destroy();
      rmSync(directory, { recursive: true });
      await Promise.resolve();
    },
  };
}

function replyTo(command: string): FakeReply {
  return {
    run: (channel) => {
      const child = spawn('/bin/sh', ['-c', command], { detached: true });
      channel.pipe(child.stdin);
      child.stdin.on('error', () => undefined);
      child.stdout.pipe(channel, { end: false });
      child.stderr.pipe(channel.stderr, { end: false });
      child.once('close', (code) => {
        // Its close is told only after what the client sent was read to the end.
        channel.unpipe();
        channel.resume();
        channel.exit(code ?? 1);
        channel.end();
      });
    },
    boot: (channel, then) => {
      const token = /printf %s ([0-9a-f]{32})/.exec(command)?.[1] ?? '';
      channel.write(token);
      channel.stderr.write(token);
      channel.once('data', then);
    },
  };
}
