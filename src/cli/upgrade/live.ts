import pLimit from 'p-limit';
import { clusterStatus } from '../../stack/status/cluster-status.js';
import type { LiveCluster } from '../../stack/upgrade/problems.js';
import { runningIn } from '../../stack/upgrade/running.js';
import type { OpenCluster } from '../open-cluster.js';
import { askHost } from '../status/ask-host.js';

const usualForks = 20;

/** Asks every host of the cluster what it runs, all at the same time. */
export async function askLive(cluster: OpenCluster): Promise<LiveCluster> {
  const { members } = cluster;
  const limit = pLimit(usualForks);
  const hosts = cluster.hosts.filter((host) => members.some((member) => member.host === host));
  const answers = await Promise.all(hosts.map((host) => limit(() => askHost(cluster, host))));
  const status = cluster.masker.maskData(clusterStatus({ hosts: answers, members }));
  return { cluster: status, members, running: runningIn(status, members) };
}
