import pLimit from 'p-limit';
import { Diagnostics, InputError } from '../../core/diagnostic.js';
import { UnreachableError } from '../../core/errors.js';
import { exitCode } from '../../core/exit-code.js';
import { ModuleFailure } from '../../modules/types.js';
import { statusTableLines, type StatusRow, type StatusTable } from '../../report/status-table.js';
import { clusterStatus } from '../../stack/status/cluster-status.js';
import { hostRows, hostScript } from '../../stack/status/host-look.js';
import { membersOf, usualGroups } from '../../stack/status/members.js';
import type { ClusterStatus, HostStatus, Member, Row } from '../../stack/status/types.js';
import { SessionPool } from '../../transport/pool.js';
import { BecomeError } from '../../transport/types.js';
import { componentVariables, readStackRoles } from '../component-variables.js';
import { resolveConnections } from '../connections.js';
import { withInterrupt } from '../interrupt.js';
import { nodeFiles } from '../node-files.js';
import { chooseHosts, type ChosenHosts } from '../open-hosts.js';
import type { ConnectionOptions, InventoryOptions, OutputOptions } from '../options.js';
import { colorsFor, printError, printLine } from '../terminal.js';

const usualForks = 20;
/** How long one host may take to answer everything it is asked. */
const timeoutSeconds = 45;

export interface StatusRequest {
  readonly options: InventoryOptions & ConnectionOptions & OutputOptions & { readonly exitCode?: boolean };
}

/** `runner status`: asks every host once, all at the same time, what it runs; says what that means for the cluster. */
export async function status(request: StatusRequest): Promise<number> {
  const { options } = request;
  const chosen = await chooseHosts({ pattern: 'all', options });
  const members = wantedMembers(chosen, options);
  const hosts = chosen.hosts.filter((host) => members.some((member) => member.host === host));
  if (hosts.length === 0) throw nothingToAsk();
  const pool = new SessionPool({ onNotice: printError });
  const limit = pLimit(usualForks);
  try {
    const finished = await withInterrupt(async (signal) =>
      Promise.all(hosts.map((host) => limit(() => askHost({ host, chosen, members, pool, signal })))),
    );
    if (finished.kind === 'interrupted') return finished.code;
    const answers = finished.value;
    const cluster = clusterStatus({ hosts: answers, members });
    show(chosen.masker.maskData(cluster), options);
    return options.exitCode === true ? codeOf(cluster) : exitCode.done;
  } finally {
    await pool.closeAll();
  }
}

/** What the inventory wants on all its hosts, also on those that --limit leaves out. */
function wantedMembers(chosen: ChosenHosts, options: StatusRequest['options']): readonly Member[] {
  const { inventory, extraVars } = chosen;
  const files = nodeFiles();
  const diagnostics = new Diagnostics();
  const roles = readStackRoles({ files, diagnostics });
  if (diagnostics.hasErrors) throw new InputError(diagnostics.all);
  const others = [...inventory.hosts.keys()].filter((host) => !chosen.settings.has(host));
  // A host that is not asked may be reached wrongly: only its name in the others' answers hangs on it.
  const settings = new Map([
    ...chosen.settings,
    ...resolveConnections({ hosts: others, inventory, extraVars, options, files, diagnostics: new Diagnostics() }),
  ]);
  return [...inventory.hosts.keys()].flatMap((host) => {
    const address = settings.get(host)?.address ?? host;
    return membersOf(componentVariables({ inventory, host, address, roles, extraVars }));
  });
}

function nothingToAsk(): InputError {
  return new InputError([
    {
      severity: 'error',
      code: 'no-components',
      message: 'none of these hosts is in a group that the cluster is made of',
      hint: `the groups are ${usualGroups.join(', ')}; variables such as \`zookeeper_group\` name others`,
    },
  ]);
}

async function askHost(job: {
  readonly host: string;
  readonly chosen: ChosenHosts;
  readonly members: readonly Member[];
  readonly pool: SessionPool;
  readonly signal: AbortSignal;
}): Promise<HostStatus> {
  const { host, chosen, members, pool, signal } = job;
  const settings = chosen.settings.get(host);
  if (settings === undefined) return { kind: 'failed', host, reason: 'it is not known how to reach it' };
  const own = members.filter((member) => member.host === host);
  const hostAt = (endpoint: string): string => members.find((member) => member.endpoint === endpoint)?.host ?? endpoint;
  const become = chosen.becomeOf(host);
  try {
    const session = await pool.session({ host, settings, signal });
    const script = hostScript(own);
    const { end, stdout, stderr } = await session.script({
      script,
      signal,
      timeoutSeconds,
      ...(become === undefined ? {} : { become }),
    });
    switch (end.kind) {
      case 'code':
        return {
          kind: 'asked',
          host,
          rows: hostRows({ code: end.code, stdout, stderr }, { host, members: own, hostAt }),
        };
      case 'signal':
        return { kind: 'failed', host, reason: `what asks there was killed by ${end.signal}` };
      case 'timeout':
        return { kind: 'failed', host, reason: `it did not answer everything within ${end.seconds} s` };
      case 'lost':
        return { kind: 'unreachable', host, reason: `the connection was lost: ${end.message}` };
    }
  } catch (error) {
    if (error instanceof UnreachableError) {
      return {
        kind: 'unreachable',
        host,
        reason: error.message,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      };
    }
    if (error instanceof BecomeError || error instanceof ModuleFailure)
      return { kind: 'failed', host, reason: error.message };
    throw error;
  }
}

function show(cluster: ClusterStatus, options: StatusRequest['options']): void {
  if (options.output === 'json') {
    printLine(JSON.stringify(cluster, undefined, 2));
    return;
  }
  const colors = colorsFor(options);
  const columns = options.output === 'plain' ? undefined : process.stdout.columns;
  const table: StatusTable = { hosts: cluster.hosts.map(tableHost), verdicts: cluster.verdicts };
  for (const line of statusTableLines(table, { colors, ...(columns === undefined ? {} : { columns }) }))
    printLine(line);
}

function tableHost(host: HostStatus): StatusTable['hosts'][number] {
  switch (host.kind) {
    case 'asked':
      return { name: host.host, rows: host.rows.map(tableRow) };
    case 'unreachable':
      return { name: host.host, rows: [], problem: `not reached: ${host.reason}` };
    case 'failed':
      return { name: host.host, rows: [], problem: host.reason };
  }
}

function tableRow(row: Row): StatusRow {
  const { component, role, version, health, uptimeSeconds } = row;
  return {
    component,
    version,
    state: health.state === 'well' ? 'ok' : 'bad',
    text: health.text,
    ...(role === undefined ? {} : { role }),
    ...(uptimeSeconds === undefined ? {} : { uptimeSeconds }),
  };
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
