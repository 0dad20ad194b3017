import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { folderOf } from '../../cli/program.js';
import { forFile } from '../../rig/for-file.js';
import { startNetworkHost, type NetworkHost } from '../../rig/network-host.js';
import type { SshdOptions, SshdRig } from '../../rig/sshd.js';
import { startRunner, type Running } from './program.js';

/** A folder of a user who has one or more hosts, and the program in it. */
export interface Site {
  readonly folder: ReturnType<typeof folderOf>;
  /** Writes the playbook and starts `apply` on it, with JSON lines. */
  apply(playbook: string, ...flags: readonly string[]): Running;
  /** Any command line. */
  run(...args: readonly string[]): Running;
  remove(): void;
}

export interface SiteHost {
  readonly name: string;
  readonly address: string;
  readonly rig: Pick<SshdRig, 'port' | 'key' | 'knownHosts'>;
  readonly user: string;
  /** Further lines of the inventory below the host, as YAML flow. */
  readonly ssh?: string;
  readonly vars?: string;
}

/** A site with these hosts in the group `web`. */
export function siteOf(hosts: readonly SiteHost[]): Site {
  const lines = hosts.map(({ name, address, rig, user, ssh = '', vars = '' }) => {
    const settings = `host: ${address}, port: ${String(rig.port)}, user: ${user}, key: ${rig.key}, known_hosts: ${rig.knownHosts}${ssh}`;
    return `    ${name}: { ssh: { ${settings} }${vars} }\n`;
  });
  const folder = folderOf({ 'inventory.yaml': `web:\n  hosts:\n${lines.join('')}` });
  chmodSync(folder.path, 0o755);
  const run = (...args: readonly string[]): Running => startRunner({ directory: folder.path, args });
  return {
    folder,
    run,
    apply: (playbook, ...flags) => {
      folder.write('site.yaml', playbook);
      return run('apply', '--output', 'json', 'site.yaml', ...flags);
    },
    remove: () => folder.remove(),
  };
}

/** A site with a hundred names of one sshd. */
export function hundredNames(host: NetworkHost): Site {
  return siteOf(
    Array.from({ length: 100 }, (_, index) => ({
      name: `h${String(index + 1)}`,
      address: host.address,
      rig: host,
      user: host.user.name,
    })),
  );
}

/** One host in a namespace of its own, called h1, with a site that has only it. */
export interface FaultHost extends Site {
  readonly host: NetworkHost;
  /** Takes away the lock of a run that could not give it back, which would be stale after 30 s. */
  freeLock(): void;
  stop(): Promise<void>;
}

export async function startFaultHost(options: SshdOptions & { readonly ssh?: string } = {}): Promise<FaultHost> {
  const host = await startNetworkHost(options);
  const site = siteOf([
    {
      name: 'h1',
      address: host.address,
      rig: host,
      user: host.user.name,
      ...(options.ssh === undefined ? {} : { ssh: options.ssh }),
    },
  ]);
  return {
    ...site,
    host,
    freeLock: () => rmSync(`/tmp/runner.${String(host.port)}.lock`, { force: true }),
    stop: async () => {
      await host.stop();
      site.remove();
    },
  };
}

/** One such host for all tests of a file; each test finds its lock free. */
export function faultHostForFile(options: SshdOptions & { readonly ssh?: string } = {}): FaultHost {
  return forFile({
    start: () => startFaultHost(options),
    refresh: (site) => site.freeLock(),
    stop: (site) => site.stop(),
  });
}

/** Processes on this machine whose arguments hold the mark, the program's own and this test's left out. */
export function processesWith(mark: string, user?: string): readonly string[] {
  const list = execFileSync('ps', ['-eo', 'user:40,pid,args'], { encoding: 'utf8' });
  return list
    .split('\n')
    .filter((line) => line.includes(mark) && !/ps -eo|vitest|runner\.js/.test(line))
    .filter((line) => user === undefined || line.startsWith(user));
}
