import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './process.js';
import { engineDirectory } from './places.js';

/** What dockerd changes on the machine and does not change back when it stops. */
interface Networking {
  readonly forwarding: string;
  readonly forwardPolicy: string;
}

const memory = join(engineDirectory, 'networking-before.json');
const forwardingFile = '/proc/sys/net/ipv4/ip_forward';
const dockerChains = ['DOCKER', 'DOCKER-ISOLATION-STAGE-1', 'DOCKER-ISOLATION-STAGE-2', 'DOCKER-USER'];

/** Notes how things were before our engine first started; an older note is kept, since it is nearer to the truth. */
export async function rememberNetworking(): Promise<void> {
  if (existsSync(memory)) return;
  const policy = /^-P FORWARD (\w+)/m.exec(await run(['iptables', '--list-rules', 'FORWARD']))?.[1] ?? 'ACCEPT';
  const before: Networking = { forwarding: readFileSync(forwardingFile, 'utf8').trim(), forwardPolicy: policy };
  mkdirSync(engineDirectory, { recursive: true });
  writeFileSync(memory, JSON.stringify(before));
}

/** Removes the chains our engine left and restores what it set. Does nothing when our engine never ran. */
export async function forgetNetworking(): Promise<void> {
  if (!existsSync(memory)) return;
  const before = JSON.parse(readFileSync(memory, 'utf8')) as Networking;
  for (const table of ['filter', 'nat']) await removeDockerRules(table);
  await run(['iptables', '--policy', 'FORWARD', before.forwardPolicy]);
  writeFileSync(forwardingFile, before.forwarding);
  rmSync(memory);
}

async function removeDockerRules(table: string): Promise<void> {
  const rules = (await run(['iptables', '--table', table, '--list-rules'])).split('\n');
  for (const rule of rules) {
    const words = rule.split(' ');
    const jumpsToDocker = dockerChains.includes(words[words.indexOf('-j') + 1] ?? '');
    if (words[0] === '-A' && jumpsToDocker) await run(['iptables', '--table', table, '-D', ...words.slice(1)]);
  }
  const present = dockerChains.filter((chain) => rules.includes(`-N ${chain}`));
  for (const chain of present) await run(['iptables', '--table', table, '--flush', chain]);
  for (const chain of present) await run(['iptables', '--table', table, '--delete-chain', chain]);
}
