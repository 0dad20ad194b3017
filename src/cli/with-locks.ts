import { hostname, userInfo } from 'node:os';
import { HostLocks } from '../run/lock.js';
import { systemClock } from '../run/clock.js';
import type { OpenCluster } from './open-cluster.js';
import { printError } from './terminal.js';

/**
 * Works on hosts while no other run does: takes their locks as a run of a playbook does, and gives them back. Throws
 * LockedError when another holds one, before the work begins.
 */
export async function withLocks<T>(
  request: { readonly cluster: OpenCluster; readonly hosts: readonly string[]; readonly token: string },
  work: () => Promise<T>,
): Promise<T> {
  const { cluster, hosts, token } = request;
  const locks = new HostLocks({
    request: { token, holder: `${userInfo().username}@${hostname()} (pid ${process.pid})` },
    clock: systemClock,
    warn: printError,
  });
  try {
    for (const host of hosts) await locks.take((await cluster.reach(host)).session);
    return await work();
  } finally {
    await locks.release();
  }
}
