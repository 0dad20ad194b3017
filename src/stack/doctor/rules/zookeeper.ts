import { configEntries } from '../../zookeeper/config.js';
import { isAtLeast } from '../../version.js';
import type { ZooKeeperRow } from '../../status/types.js';
import { listed } from '../../status/words.js';
import type { Examination, Finding, HostExam } from '../types.js';
import { membersFor, notHeard, rowsFor } from './finding.js';

/** Whether the ensemble has one leader and a quorum. */
export function ensembleRule(examination: Examination): readonly Finding[] {
  const size = membersFor(examination, 'zookeeper').length;
  if (size === 0) return [];
  const rows = rowsFor(examination, 'zookeeper');
  const inMode = (mode: string): readonly string[] =>
    rows.filter(({ details }) => details?.mode === mode).map(({ host }) => host);
  const leaders = inMode('leader');
  const alone = size > 1 ? inMode('standalone') : [];
  const away = notHeard(examination, 'zookeeper');
  const findings: Finding[] = [];
  if (leaders.length > 1) findings.push(twoLeaders(leaders));
  if (alone.length > 0) findings.push(runsAlone(alone));
  const serving = leaders.length + inMode('follower').length;
  const quorum = Math.floor(size / 2) + 1;
  // Those that were not heard may well serve.
  if (size > 1 && leaders.length === 0 && serving + away.length < quorum)
    findings.push(noQuorum(rows, { serving, size, quorum }));
  return [...findings, ...cutOff(examination, { leaders, electing: inMode('electing') })];
}

/** A member that looks for a leader while there is one does not reach the others, or is not reached by them. */
function cutOff(
  { members }: Examination,
  { leaders, electing }: { readonly leaders: readonly string[]; readonly electing: readonly string[] },
): readonly Finding[] {
  const [leader] = leaders;
  if (leader === undefined || leaders.length > 1) return [];
  const endpoint = members.find(({ host, component }) => host === leader && component === 'zookeeper')?.endpoint ?? '';
  const address = endpoint.slice(0, endpoint.lastIndexOf(':'));
  return electing.map((host): Finding => ({
    rule: 'zookeeper-cut-off',
    severity: 'bad',
    host,
    component: 'zookeeper',
    seen: `its ZooKeeper looks for a leader, while ${leader} leads the others`,
    why: 'It serves nobody, and the ensemble bears one failure less.',
    advice:
      'If it did not just start: the members must reach each other, both ways, on their quorum and election ports (2888, 3888).',
    commands: [
      `runner exec ${host} -b --shell -- 'for port in 2888 3888; do timeout 3 bash -c "</dev/tcp/${address}/$port" && echo "$port open" || echo "$port closed"; done'`,
      `runner logs zookeeper -l ${host} --tail 50`,
    ],
  }));
}

function noQuorum(
  rows: readonly ZooKeeperRow[],
  { serving, size, quorum }: { readonly serving: number; readonly size: number; readonly quorum: number },
): Finding {
  const down = rows.filter(({ details }) => details === undefined).map(({ host }) => host);
  const electing = rows.filter(({ details }) => details?.mode === 'electing').map(({ host }) => host);
  const why = [
    ...(down.length === 0 ? [] : [`${listed(down)} down`]),
    ...(electing.length === 0 ? [] : [`${listed(electing)} without a leader`]),
  ].join(', ');
  return {
    rule: 'zookeeper-no-quorum',
    severity: 'bad',
    component: 'zookeeper',
    seen: `ZooKeeper has no quorum: ${serving} of ${size} members serve, ${quorum} are needed${why === '' ? '' : ` (${why})`}`,
    why: 'Nobody can read or write: masters step down, Marathon loses its leader, and nothing new starts. What runs goes on.',
    advice:
      down.length > 0
        ? 'Start the members that are down.'
        : 'Look whether the members reach each other on their quorum and election ports (2888, 3888), and what they say.',
    commands: [
      ...(down.length > 0 ? [`runner start zookeeper -l ${down.join(',')}`] : []),
      'runner logs zookeeper --tail 50',
    ],
  };
}

function twoLeaders(leaders: readonly string[]): Finding {
  return {
    rule: 'zookeeper-two-leaders',
    severity: 'bad',
    component: 'zookeeper',
    seen: `${listed(leaders)} both say they lead`,
    why: 'They are two ensembles: what is written in one is not in the other.',
    advice:
      'Compare the `server.N` lines of their zoo.cfg and stop the one that should not be, before anything is written to it.',
    commands: leaders.map((host) => `runner exec ${host} -b -- grep ^server /data/zookeeper/conf/zoo.cfg`),
  };
}

function runsAlone(alone: readonly string[]): Finding {
  return {
    rule: 'zookeeper-standalone',
    severity: 'bad',
    component: 'zookeeper',
    seen: `${listed(alone)} run${alone.length === 1 ? 's' : ''} alone instead of in the ensemble`,
    why: 'A server without `server.N` lines serves an own, other set of data to whoever connects to it.',
    advice: 'Stop it, then bring its configuration back.',
    commands: [
      `runner stop zookeeper -l ${alone.join(',')}`,
      `runner apply playbooks/zookeeper.yaml -l ${alone.join(',')}`,
    ],
  };
}

/** Followers that the leader counts as out of sync. */
export function syncRule(examination: Examination): readonly Finding[] {
  const size = membersFor(examination, 'zookeeper').length;
  return rowsFor(examination, 'zookeeper').flatMap(({ host, details }) => {
    const synced = details?.syncedFollowers;
    if (details?.mode !== 'leader' || synced === undefined) return [];
    const pending = details.pendingSyncs ?? 0;
    const following = details.followers ?? synced;
    if (pending === 0 && synced >= following) return [];
    const behind = following - synced;
    return [
      {
        rule: 'zookeeper-not-synced',
        severity: 'warning' as const,
        host,
        component: 'zookeeper',
        seen: `leads, and counts ${synced} of ${size - 1} followers in sync${behind > 0 ? `, ${behind} behind` : ''}${pending > 0 ? `, ${pending} just syncing` : ''}`,
        why: 'A follower that is behind does not count when the next one fails or is restarted.',
        advice:
          'Wait; if it stays, look at the follower’s log and disk, and raise `zookeeper_sync_limit` or `zookeeper_init_limit`.',
        commands: ['runner status --watch', 'runner logs zookeeper --tail 50'],
      },
    ];
  });
}

/** Servers whose configuration or identity is not that of the others. */
export function configurationRule({ hosts, members }: Examination): readonly Finding[] {
  const exams = hosts.filter(({ zookeeper }) => zookeeper?.config !== undefined);
  const usual = mostCommon(exams.map(serversText));
  return exams
    .flatMap((exam): readonly Finding[] => {
      const own = serversText(exam);
      const { host, zookeeper } = exam;
      const myid = zookeeper?.data?.myid ?? '';
      const ids = [...(zookeeper?.config?.servers.keys() ?? [])];
      const why = 'The members would count different quorums, and one that is not listed gets no vote.';
      const advice =
        'Write the same configuration everywhere; to add or to remove a member use `scale-out`, `scale-in` or `replace`.';
      const commands = [`runner plan playbooks/zookeeper.yaml -l ${host}`];
      const base = { severity: 'bad', host, component: 'zookeeper', why, advice, commands } as const;
      const differs = usual !== undefined && own !== usual;
      const stranger = ids.length > 0 && myid !== '' && !ids.includes(myid);
      const seenOther = `has other \`server.N\` lines than the others: ${own === '' ? 'none' : own}; they have ${usual ?? ''}`;
      return [
        ...(differs ? [{ ...base, rule: 'zookeeper-other-configuration', seen: seenOther }] : []),
        ...(stranger
          ? [
              {
                ...base,
                rule: 'zookeeper-myid',
                seen: `is number ${myid}, but its zoo.cfg lists only ${ids.join(', ')}`,
                ...numberBack(exam, members),
              },
            ]
          : []),
      ];
    })
    .concat(sameIds(exams));
}

/** The number that the ensemble has for a server's address, when there is one: its file only has to say it again. */
function numberBack(
  { host, zookeeper }: HostExam,
  members: Examination['members'],
): Partial<Pick<Finding, 'why' | 'advice' | 'commands'>> {
  const endpoint = members.find((member) => member.host === host && member.component === 'zookeeper')?.endpoint ?? '';
  const address = endpoint.slice(0, endpoint.lastIndexOf(':'));
  const own = [...(zookeeper?.config?.servers ?? [])].find(([, server]) => server.startsWith(`${address}:`))?.[0];
  const file = zookeeper?.container?.mounts.find(
    ({ destination }) => destination === zookeeper.config?.dataDir,
  )?.source;
  if (own === undefined || file === undefined) return {};
  return {
    why: 'It does not start: a server must be one of those it lists.',
    advice: `The ensemble knows this address as server ${own}. If its data was not moved here from another host, write that number back.`,
    commands: [`runner exec ${host} -b --shell -- 'echo ${own} > ${file}/myid'`, `runner restart zookeeper -l ${host}`],
  };
}

function sameIds(exams: readonly HostExam[]): readonly Finding[] {
  const byId = new Map<string, string[]>();
  for (const { host, zookeeper } of exams) {
    const myid = zookeeper?.data?.myid ?? '';
    if (myid !== '') byId.set(myid, [...(byId.get(myid) ?? []), host]);
  }
  return [...byId].flatMap(([id, both]): Finding[] =>
    both.length < 2
      ? []
      : [
          {
            rule: 'zookeeper-same-myid',
            severity: 'bad',
            component: 'zookeeper',
            seen: `${listed(both)} have the same id ${id}`,
            why: 'Two servers of one number take each other’s votes, and elections do not end.',
            advice: 'Stop the one that came last and give it the id the inventory has for it.',
            commands: both.map((host) => `runner vars ${host} zookeeper_myid`),
          },
        ],
  );
}

function serversText({ zookeeper }: HostExam): string {
  return [...(zookeeper?.config?.servers ?? [])]
    .map(([id, server]) => `${id}=${server}`)
    .toSorted()
    .join(' ');
}

function mostCommon(texts: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0];
}

/** Data that goes with its container. */
export function dataRule({ hosts }: Examination): readonly Finding[] {
  return hosts.flatMap(({ host, zookeeper }) => {
    const { config, container } = zookeeper ?? {};
    if (config === undefined || container === undefined) return [];
    const folders = [...new Set([config.dataDir, config.dataLogDir].filter((folder) => folder !== undefined))];
    const lost = folders.filter(
      (folder) =>
        !container.mounts.some(
          ({ type, destination }) =>
            type === 'bind' && (folder === destination || folder.startsWith(`${destination}/`)),
        ),
    );
    return lost.map((folder): Finding => ({
      rule: 'zookeeper-data-in-container',
      severity: 'bad',
      host,
      component: 'zookeeper',
      seen: `ZooKeeper keeps ${folder} inside its container, not in a folder of the host`,
      why: 'When the container is replaced the server comes back empty; after a quorum of them, everything is lost.',
      advice: 'Back the data up before anything else; then mount a folder of the host there, one server at a time.',
      commands: ['runner backup zookeeper'],
    }));
  });
}

const adminPort = '8080';

/** ZooKeeper's AdminServer takes Marathon's port, where nobody says another one. */
export function adminPortRule(examination: Examination): readonly Finding[] {
  return examination.hosts.flatMap(({ host, zooConfig }) => {
    const version = rowsFor(examination, 'zookeeper').find((row) => row.host === host)?.version.running;
    if (
      zooConfig === undefined ||
      version === undefined ||
      !isAtLeast(version, '3.5.0') ||
      isAtLeast(version, '3.10.0')
    )
      return [];
    const entries = configEntries(zooConfig);
    const isOff = entries.get('admin.enableServer') === 'false';
    const port = entries.get('admin.serverPort') ?? adminPort;
    if (isOff) return [];
    const rival = examination.members.find((member) => member.host === host && portsOf(member).includes(port));
    if (rival === undefined) return [];
    return [
      {
        rule: 'port-claimed',
        severity: 'bad' as const,
        host,
        component: 'zookeeper',
        seen: `ZooKeeper's AdminServer and ${rival.component === 'bamboo' ? 'HAProxy or Bamboo' : rival.component} both want port ${port}`,
        why: 'Whichever starts second does not get it; Marathon then ends with exit code 111.',
        advice: 'Set `zookeeper_admin_server: false`, or another `zookeeper_admin_port`.',
        commands: [`runner plan playbooks/zookeeper.yaml -l ${host}`],
      },
    ];
  });
}

function portsOf({ endpoint, haproxy }: Examination['members'][number]): readonly string[] {
  return [endpoint, haproxy ?? ''].map((each) => each.slice(each.lastIndexOf(':') + 1));
}
