import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type Docker from 'dockerode';
import { keyFile, knownHostsFile, stateDirectory } from '../machine/places.js';
import { run } from '../machine/process.js';
import { execInside } from './ready.js';

/** The lab's own login key, made at the first `up`. @returns the public half */
export async function ensureKey(): Promise<string> {
  mkdirSync(stateDirectory, { recursive: true });
  if (!existsSync(keyFile))
    await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'runner-lab', '-f', keyFile]);
  return readFileSync(`${keyFile}.pub`, 'utf8').trim();
}

export interface KnownHost {
  readonly name: string;
  readonly address: string;
  readonly container: Docker.Container;
}

/** Writes the hosts' real keys, read from inside, so that checking can be strict from the first connection. */
export async function writeKnownHosts(hosts: readonly KnownHost[]): Promise<void> {
  const blocks = await Promise.all(
    hosts.map(async ({ name, address, container }) => {
      const keys = await execInside(container, ['sh', '-c', 'cat /etc/ssh/ssh_host_*_key.pub']);
      return keys
        .trim()
        .split('\n')
        .map((line) => `${address},${name} ${line.split(' ').slice(0, 2).join(' ')}\n`)
        .join('');
    }),
  );
  writeFileSync(knownHostsFile, blocks.join(''));
}
