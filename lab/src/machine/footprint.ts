import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './process.js';
import { engineDirectory } from './places.js';

/** What dockerd changes on the machine and does not change back when it stops, as it was before. */
interface Before {
  readonly forwarding: string;
  readonly forwardPolicy: string;
  readonly hadKey: boolean;
}

const memory = join(engineDirectory, 'machine-before.json');
const forwardingFile = '/proc/sys/net/ipv4/ip_forward';
/** Docker 20.10 writes it wherever its data are. */
const keyFile = '/etc/docker/key.json';

/** Notes how things were before our engine first started; an older note is kept, since it is nearer to the truth. */
export async function rememberMachine(): Promise<void> {
  if (existsSync(memory)) return;
  const policy = /^-P FORWARD (\w+)/m.exec(await run(['iptables', '--list-rules', 'FORWARD']))?.[1] ?? 'ACCEPT';
  const before: Before = {
    forwarding: readFileSync(forwardingFile, 'utf8').trim(),
    forwardPolicy: policy,
    hadKey: existsSync(keyFile),
  };
  mkdirSync(engineDirectory, { recursive: true });
  writeFileSync(memory, JSON.stringify(before));
}

/**
 * Removes the chains our engine left and restores what it set. Does nothing when our engine never ran, and leaves it all
 * to another engine that runs by now: it stands on the same chains.
 */
export async function restoreMachine(): Promise<void> {
  if (!existsSync(memory)) return;
  if (anEngineRuns()) return rmSync(memory);
  const before = JSON.parse(readFileSync(memory, 'utf8')) as Before;
  for (const iptables of ['iptables', 'ip6tables']) {
    for (const table of ['filter', 'nat', 'raw']) await removeDockerRules([iptables, '--table', table]);
  }
  await run(['iptables', '--policy', 'FORWARD', before.forwardPolicy]);
  writeFileSync(forwardingFile, before.forwarding);
  if (!before.hadKey) rmSync(keyFile, { force: true });
  rmSync(memory);
}

function anEngineRuns(): boolean {
  return readdirSync('/proc').some((pid) => {
    try {
      // A dead one that nobody waited for has no command line left.
      return (
        readFileSync(`/proc/${pid}/comm`, 'utf8') === 'dockerd\n' && readFileSync(`/proc/${pid}/cmdline`).length > 0
      );
    } catch {
      return false;
    }
  });
}

async function removeDockerRules(iptables: readonly [string, ...string[]]): Promise<void> {
  const rules = (await run([...iptables, '--list-rules'])).split('\n').map((rule) => rule.split(' '));
  const isDocker = (chain: string | undefined): boolean => chain?.startsWith('DOCKER') === true;
  for (const [verb, ...words] of rules) {
    const target = words[words.indexOf('-j') + 1];
    if (verb === '-A' && !isDocker(words[0]) && isDocker(target)) await run([...iptables, '-D', ...words]);
  }
  const chains = rules.flatMap(([verb, chain]) =>
    verb === '-N' && chain !== undefined && isDocker(chain) ? [chain] : [],
  );
  for (const chain of chains) await run([...iptables, '--flush', chain]);
  for (const chain of chains) await run([...iptables, '--delete-chain', chain]);
}
