import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostAddress } from '../hosts/addresses.js';
import { keyFile, knownHostsFile } from '../machine/places.js';
import { hostNamed, runningLab } from './running-lab.js';

/** Logs in to a host with the machine's own ssh, as `ops` or as the user given as `user@node1`. Its exit code becomes ours. */
export async function ssh(target: string, command: readonly string[]): Promise<void> {
  const [name = '', user = 'ops'] = target.split('@').reverse();
  const lab = await runningLab();
  await hostNamed(lab, name);
  const address = hostAddress(lab.slot.number, Number(name.slice('node'.length)));
  const options = [
    '-F',
    'none',
    '-i',
    keyFile,
    '-o',
    'IdentitiesOnly=yes',
    '-o',
    `UserKnownHostsFile=${knownHostsFile}`,
    '-o',
    'StrictHostKeyChecking=yes',
  ];
  const child = spawn('ssh', [...options, `${user}@${address}`, ...command], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 255;
}
