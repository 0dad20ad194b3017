import { existsSync, mkdirSync, readdirSync, renameSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Mirror, sourcesList } from '../machine/mirror.js';
import { machineDirectory, workDirectory } from '../machine/places.js';
import { run } from '../machine/process.js';
import type { Step } from '../step.js';

export interface DebsOrder {
  readonly mirror: Mirror;
  /** A Debian suite by name: "bookworm". */
  readonly suite: string;
  /** Just these packages; what they depend on is named too or not wanted. */
  readonly names: readonly string[];
}

/**
 * Downloads packages of any suite, whatever the machine itself runs, with apt's own checks of signatures.
 * Call it under the lock "packages".
 * @returns the files, in the order of the names
 */
export async function downloadDebs(order: DebsOrder, step: Step): Promise<readonly string[]> {
  const cache = join(machineDirectory, 'debs', order.suite);
  mkdirSync(cache, { recursive: true });
  const missing = order.names.filter((name) => debOf(cache, name) === undefined);
  if (missing.length > 0) {
    const apt = await aptOf(order, step);
    const landing = mkdtempSync(join(workDirectory, 'debs-'));
    step.say(`downloading ${missing.length} packages of ${order.suite}`);
    await run([...apt, 'download', '-q', ...missing], { signal: step.signal, cwd: landing });
    for (const file of readdirSync(landing)) renameSync(join(landing, file), join(cache, file));
    rmSync(landing, { recursive: true });
  }
  return order.names.map((name) => {
    const file = debOf(cache, name);
    if (file === undefined) throw new Error(`apt downloaded no ${name} of ${order.suite}`);
    return file;
  });
}

function debOf(cache: string, name: string): string | undefined {
  const file = readdirSync(cache).find((entry) => entry.startsWith(`${name}_`) && entry.endsWith('.deb'));
  return file === undefined ? undefined : join(cache, file);
}

/** An apt with lists and a cache of its own: the machine's are neither used nor changed. */
async function aptOf(order: DebsOrder, step: Step): Promise<readonly [string, ...string[]]> {
  const root = join(machineDirectory, 'apt', order.suite);
  for (const folder of [
    'etc/apt/preferences.d',
    'etc/apt/apt.conf.d',
    'var/lib/apt/lists/partial',
    'var/cache/apt/archives/partial',
  ]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  const status = join(root, 'status');
  writeFileSync(status, '');
  writeFileSync(join(root, 'etc/apt/sources.list'), sourcesList(order.mirror, order.suite));
  writeFileSync(join(root, 'etc/apt/apt.conf.d/machine'), order.mirror.settings.join('\n'));
  const options = [`Dir=${root}`, `Dir::State::status=${status}`, 'Acquire::Languages=none', 'APT::Sandbox::User=root'];
  const apt = ['apt-get', ...options.flatMap((option) => ['-o', option])] as const;
  if (!existsSync(join(root, 'fetched'))) {
    step.say(`reading the package lists of ${order.suite}`);
    await run([...(apt as readonly [string, ...string[]]), 'update', '-q'], { signal: step.signal });
    writeFileSync(join(root, 'fetched'), '');
  }
  return apt as readonly [string, ...string[]];
}
