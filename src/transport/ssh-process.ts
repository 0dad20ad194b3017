import type { ClientChannel } from 'ssh2';
import type { SshConnection } from './ssh-connection.js';
import type { ChannelProcess, ProcessEnd } from './process.js';

/** The server refused one more channel (MaxSessions); the connection itself is fine. */
export class ChannelRefusedError extends Error {
  override readonly name = 'ChannelRefusedError';
}

/**
 * Opens an exec channel. Throws ChannelRefusedError when the server has no channel to give, and an ordinary Error
 * when the connection is gone.
 */
export function startSshProcess(
  connection: Pick<SshConnection, 'client' | 'closed'>,
  command: string,
): Promise<ChannelProcess> {
  const { client } = connection;
  return new Promise((resolve, reject) => {
    client.exec(command, (error: (Error & { reason?: number | string }) | undefined, channel) => {
      // At once: the end of a short command may be in the same packet as the channel itself.
      if (error === undefined) resolve(processOf(connection, channel));
      else if (error.reason === undefined) reject(error);
      else reject(new ChannelRefusedError(error.message, { cause: error }));
    });
  });
}

function processOf(connection: Pick<SshConnection, 'client' | 'closed'>, channel: ClientChannel): ChannelProcess {
  const { client } = connection;
  let reason: string | undefined;
  void connection.closed.then((why) => {
    reason = why;
  });
  const gone = new Promise<void>((resolve) => {
    // One turn later: what had arrived before the connection went is still handed on.
    const onClientClose = (): void => void setImmediate(resolve);
    client.once('close', onClientClose);
    channel.once('close', () => {
      client.off('close', onClientClose);
      resolve();
    });
  });
  const exited = new Promise<ProcessEnd>((resolve) => {
    channel.once('exit', (code: number | null, signal?: string) =>
      resolve(code === null ? { kind: 'signal', signal: signal ?? 'unknown' } : { kind: 'code', code }),
    );
    // A close without an exit before it: nobody knows how the command ended, so it is lost (never a success).
    void gone.then(() => resolve({ kind: 'lost', message: reason ?? 'the connection was lost while the command ran' }));
  });
  channel.on('error', () => undefined);
  channel.stderr.on('error', () => undefined);
  return {
    stdin: channel,
    stdout: channel,
    stderr: channel.stderr,
    exited,
    closed: gone,
    release: () => release(channel),
  };
}

function release(channel: ClientChannel): void {
  // ssh2 tells of a channel's close only after its output was read to the end.
  channel.resume();
  channel.stderr.resume();
  channel.close();
}
