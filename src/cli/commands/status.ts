import pLimit from 'p-limit';
import { InputError } from '../../core/diagnostic.js';
import { exitCode } from '../../core/exit-code.js';
import { clusterStatus } from '../../stack/status/cluster-status.js';
import { usualGroups } from '../../stack/status/members.js';
import type { ClusterStatus } from '../../stack/status/types.js';
import { withInterrupt } from '../interrupt.js';
import { recordedChanges } from '../journal.js';
import { openCluster, type OpenCluster } from '../open-cluster.js';
import type { ConnectionOptions, InventoryOptions, OutputOptions } from '../options.js';
import { askHost } from '../status/ask-host.js';
import { frameLines, frameOf } from '../status/frame.js';
import { watchStatus } from '../status/watch.js';
import { printLine } from '../terminal.js';

const usualForks = 20;
const usualSeconds = 5;

export interface StatusRequest {
  readonly options: InventoryOptions & ConnectionOptions & OutputOptions & { readonly watch?: number | true };
}

/**
 * `runner status`: asks every host once, all at the same time, what it runs; says what that means for the cluster. Exit
 * 0 when all is well, 1 when something is not, 3 when hosts cannot be reached and the rest is well. With `--watch` again
 * and again, until Ctrl-C ends it: that is its ordinary end, exit 0.
 */
export async function status(request: StatusRequest): Promise<number> {
  const { options } = request;
  const { watch } = options;
  const finished = await withInterrupt(
    async (signal) => {
      const cluster = await openCluster({ options, signal });
      try {
        const hosts = hostsToAsk(cluster);
        if (watch === undefined) return await showOnce(cluster, { hosts, options });
        const seconds = watch === true ? usualSeconds : watch;
        await watchStatus({ cluster, hosts, seconds, options, signal });
        return exitCode.done;
      } finally {
        await cluster.close();
      }
    },
    { quiet: watch !== undefined },
  );
  if (finished.kind === 'done') return finished.value;
  const isUsualEnd = watch !== undefined && finished.code === exitCode.interrupted;
  return isUsualEnd ? exitCode.done : finished.code;
}

async function showOnce(
  cluster: OpenCluster,
  { hosts, options }: { readonly hosts: readonly string[]; readonly options: OutputOptions },
): Promise<number> {
  const status = cluster.masker.maskData(await askCluster(cluster, hosts));
  if (options.output === 'json') printLine(JSON.stringify(status, undefined, 2));
  else for (const line of frameLines(frameOf(status, { now: new Date() }), options)) printLine(line);
  return codeOf(status);
}

/** What all these hosts say, all asked at the same time. */
export async function askCluster(cluster: OpenCluster, hosts: readonly string[]): Promise<ClusterStatus> {
  const limit = pLimit(usualForks);
  const answers = await Promise.all(hosts.map((host) => limit(() => askHost(cluster, host))));
  return clusterStatus({ hosts: answers, members: cluster.members, changes: recordedChanges() });
}

/** Hosts after `--limit` that run something of the cluster. Throws InputError when there is none. */
export function hostsToAsk(cluster: OpenCluster): readonly string[] {
  const hosts = cluster.hosts.filter((host) => cluster.members.some((member) => member.host === host));
  if (hosts.length > 0) return hosts;
  throw new InputError([
    {
      severity: 'error',
      code: 'no-components',
      message: 'none of these hosts is in a group that the cluster is made of',
      hint: `the groups are ${usualGroups.join(', ')}; variables such as \`zookeeper_group\` name others`,
    },
  ]);
}

function codeOf(cluster: ClusterStatus): number {
  switch (cluster.outcome) {
    case 'well':
      return exitCode.done;
    case 'ill':
      return exitCode.hostFailed;
    case 'unreachable':
      return exitCode.unreachable;
  }
}
