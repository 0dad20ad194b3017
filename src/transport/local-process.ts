import { spawn } from 'node:child_process';
import type { ChannelProcess, ProcessEnd } from './process.js';

/** Starts a child of the controller in a session and process group of its own, through `/bin/sh` as sshd would. */
export function startLocalProcess(command: string): Promise<ChannelProcess> {
  const child = spawn('/bin/sh', ['-c', command], { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  // A child that ends without reading its stdin is no error of ours.
  child.stdin.on('error', () => undefined);
  const exited = new Promise<ProcessEnd>((resolve) => {
    child.once('error', (error) => resolve({ kind: 'lost', message: error.message }));
    child.once('exit', (code, signal) =>
      resolve(code === null ? { kind: 'signal', signal: signal ?? 'unknown' } : { kind: 'code', code }),
    );
  });
  const closed = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
  return Promise.resolve({
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exited,
    closed,
    release: () => {
      child.stdin.destroy();
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
    },
  });
}
