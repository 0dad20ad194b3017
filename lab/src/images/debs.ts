import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Mirror, sourcesList } from '../machine/mirror.js';
import { machineDirectory } from '../machine/places.js';
import { run } from '../machine/process.js';
import { withWorkspace } from '../machine/workspace.js';
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
    const apt = privateApt(order);
    if (!existsSync(apt.fetched)) await fetchLists(apt, step);
    step.say(`downloading ${missing.length} packages of ${order.suite}`);
    const download = (): Promise<void> => downloadInto(cache, [...apt.command, 'download', '-q', ...missing], step);
    try {
      await download();
    } catch {
      step.signal.throwIfAborted();
      // Lists grow old: the mirror may have gone on to newer versions.
      await fetchLists(apt, step);
      await download();
    }
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

async function downloadInto(cache: string, command: readonly [string, ...string[]], step: Step): Promise<void> {
  await withWorkspace('debs', async (landing) => {
    await run(command, { signal: step.signal, cwd: landing });
    for (const file of readdirSync(landing)) renameSync(join(landing, file), join(cache, file));
  });
}

interface PrivateApt {
  readonly command: readonly [string, ...string[]];
  /** A file that exists once the package lists were read. */
  readonly fetched: string;
}

/** An apt with lists and a cache of its own: the machine's are neither used nor changed. */
function privateApt(order: DebsOrder): PrivateApt {
  const root = join(machineDirectory, 'apt', order.suite);
  const folders = [
    'etc/apt/preferences.d',
    'etc/apt/apt.conf.d',
    'var/lib/apt/lists/partial',
    'var/cache/apt/archives/partial',
  ];
  for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
  const status = join(root, 'status');
  writeFileSync(status, '');
  writeFileSync(join(root, 'etc/apt/sources.list'), sourcesList(order.mirror, order.suite));
  writeFileSync(join(root, 'etc/apt/apt.conf.d/machine'), order.mirror.settings.join('\n'));
  const options = [`Dir=${root}`, `Dir::State::status=${status}`, 'Acquire::Languages=none', 'APT::Sandbox::User=root'];
  return { command: ['apt-get', ...options.flatMap((option) => ['-o', option])], fetched: join(root, 'fetched') };
}

async function fetchLists(apt: PrivateApt, step: Step): Promise<void> {
  step.say('reading package lists');
  await run([...apt.command, 'update', '-q'], { signal: step.signal });
  writeFileSync(apt.fetched, '');
}
