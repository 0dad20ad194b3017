import { createConnection } from 'node:net';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { Step } from '../step.js';

const deadlineSeconds = 90;

/** Waits until sshd greets at the address. */
export async function waitForSsh(address: string, step: Step): Promise<void> {
  const deadline = Date.now() + deadlineSeconds * 1000;
  while (Date.now() < deadline) {
    if (await greets(address)) return;
    await delay(200, undefined, { signal: step.signal });
  }
  throw new Error(`no SSH server answers at ${address} after ${deadlineSeconds} s`);
}

async function greets(address: string): Promise<boolean> {
  const socket = createConnection({ host: address, port: 22, timeout: 2000 });
  socket.on('timeout', () => socket.destroy(new Error('timeout')));
  try {
    const [greeting] = (await once(socket, 'data')) as [Buffer];
    return greeting.toString().startsWith('SSH-');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** What a command run inside the container (not over SSH) prints. @throws when it exits with anything but 0 */
export async function execInside(container: Docker.Container, command: readonly string[]): Promise<string> {
  const exec = await container.exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true, Tty: true });
  const stream = await exec.start({ Tty: true });
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(stream, 'end');
  const output = Buffer.concat(chunks).toString('utf8').replaceAll('\r\n', '\n');
  const { ExitCode } = await exec.inspect();
  if (ExitCode !== 0) throw new Error(`${command.join(' ')}: exit ${String(ExitCode)}\n${output}`);
  return output;
}
