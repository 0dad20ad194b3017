import { UnreachableError } from '../../core/errors.js';
import { hostRows, hostScript } from '../../stack/status/host-look.js';
import type { HostStatus } from '../../stack/status/types.js';
import type { OpenCluster } from '../open-cluster.js';

/** How long one host may take to answer everything it is asked. */
const timeoutSeconds = 45;

/** Asks one host, once, for everything that it runs. What keeps it from answering is part of the answer. */
export async function askHost(cluster: OpenCluster, host: string): Promise<HostStatus> {
  const members = cluster.members.filter((member) => member.host === host);
  const hostAt = (endpoint: string): string =>
    cluster.members.find((member) => member.endpoint === endpoint)?.host ?? endpoint;
  try {
    const reply = await cluster.run(host, hostScript(members), { timeoutSeconds });
    return { kind: 'asked', host, rows: hostRows(reply, { host, members, hostAt }) };
  } catch (error) {
    const reason = cluster.troubleOf(error);
    if (reason === undefined) throw error;
    if (!(error instanceof UnreachableError)) return { kind: 'failed', host, reason };
    return { kind: 'unreachable', host, reason, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  }
}
