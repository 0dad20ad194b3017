import { expect, test } from 'vitest';
import type { Ensemble, MemberReply, MemberVariables, Observation } from '../../../../src/rollout/types.js';
import { zookeeperKind } from '../../../../src/stack/ensembles/zookeeper.js';
import type { Value } from '../../../../src/template/value.js';

const span = { file: 'play.yaml', start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };
const hosts = ['node1', 'node2', 'node3'];

function open(variables: Readonly<Record<string, Value>> = {}, names: readonly string[] = hosts): Ensemble {
  const members = names.map((host, index): MemberVariables => ({
    host,
    address: `10.0.0.${index + 1}`,
    groups: ['zookeeper'],
    setting: () => undefined,
    read: (name) => ({ zookeeper_version: '3.8.0', ...variables })[name],
  }));
  return zookeeperKind.open({
    hosts: members,
    playHosts: names,
    allPlayHosts: names,
    match: () => undefined,
    settings: {},
    span,
  });
}

interface Server {
  readonly mode?: string;
  readonly version?: string;
  readonly zxid?: string;
  readonly mntr?: string;
  readonly isro?: string;
  readonly container?: string | null;
  readonly dataSource?: string | null;
  readonly config?: string;
  readonly data?: readonly [string, string, string];
  readonly complaint?: string;
  readonly kept?: boolean;
}

const threeServers = [1, 2, 3].map((id) => `server.${id}=10.0.0.${id}:2888:3888`).join('\n');
const leading = 'zk_version\t3.4.13\nzk_synced_followers\t2.0\nzk_pending_syncs\t0\n';

/** What the look prints of a server: a healthy follower unless told otherwise. */
function told(id: number, server: Server = {}): MemberReply {
  const records: string[][] = [];
  const answer = (key: string, text: string): void => void records.push(['answer', key, text === '' ? '1' : '0', text]);
  const { mode = 'follower', version = '3.4.13', zxid = '0x100000005' } = server;
  answer(
    'srvr',
    mode === ''
      ? ''
      : mode === 'electing'
        ? 'This ZooKeeper instance is not currently serving requests'
        : `Zookeeper version: ${version}-x, built on\nZxid: ${zxid}\nMode: ${mode}\n`,
  );
  answer('mntr', server.mntr ?? (mode === 'leader' ? leading : 'zk_server_state\tfollower\n'));
  answer('isro', server.isro ?? 'rw');
  if (server.container !== null) {
    const mounts =
      server.dataSource === null
        ? []
        : [{ Type: 'bind', Source: server.dataSource ?? '/data/zookeeper/data', Destination: '/data' }];
    records.push([
      'container',
      JSON.stringify({ status: server.container ?? 'running', exitCode: 1, image: 'zookeeper:3.4.13', mounts }),
    ]);
    records.push(['config', server.config ?? `# ours\ndataDir=/data\ndataLogDir=/datalog\n${threeServers}\n`]);
    records.push(['data', ...(server.data ?? ['1', '1', String(id)])]);
  }
  if (server.complaint !== undefined) records.push(['complaint', server.complaint]);
  if (server.kept === true) records.push(['kept']);
  const stdout = Buffer.from(
    records.map((words) => [String(words.length), ...words].map((word) => `${word}\0`).join('')).join(''),
  );
  return { kind: 'reply', reply: { code: 0, stdout, stderr: Buffer.alloc(0) } };
}

function observe(ensemble: Ensemble, servers: Readonly<Record<string, MemberReply>>): Observation {
  return ensemble.observe(new Map(Object.entries(servers)), undefined);
}

const healthy = { node1: told(1), node2: told(2, { mode: 'leader' }), node3: told(3) };

test('one leader with both followers in sync meets the gate', () => {
  const observation = observe(open(), healthy);
  expect(observation.unmet).toEqual([]);
  expect(observation.leader).toBe('node2');
  expect(observation.members.map(({ healthy, leads, identity, said }) => ({ healthy, leads, identity, said }))).toEqual(
    [
      { healthy: true, leads: false, identity: '1', said: 'follows, 3.4.13' },
      { healthy: true, leads: true, identity: '2', said: 'leads, 3.4.13' },
      { healthy: true, leads: false, identity: '3', said: 'follows, 3.4.13' },
    ],
  );
});

test('a follower that is not in sync keeps the gate shut, in the words of the leader', () => {
  const mntr = 'zk_synced_followers\t1\nzk_pending_syncs\t1\n';
  expect(observe(open(), { ...healthy, node2: told(2, { mode: 'leader', mntr }) }).unmet).toEqual([
    { host: 'node2', condition: '2 followers are in sync', said: 'the leader counts 1' },
    { host: 'node2', condition: 'no sync is pending', said: 'the leader counts 1' },
  ]);
});

test('where mntr is not allowed, all members must be in one epoch', () => {
  const mntr = 'mntr is not executed because it is not in the whitelist.';
  const leader = told(2, { mode: 'leader', mntr, zxid: '0x200000001' });
  expect(observe(open(), { ...healthy, node2: leader }).unmet).toEqual([
    { condition: 'all members are in one epoch', said: 'there are 1, 2' },
  ]);
  const same = told(2, { mode: 'leader', mntr, zxid: '0x100000009' });
  expect(observe(open(), { ...healthy, node2: same }).unmet).toEqual([]);
});

test('without a leader, or with two, nothing goes on', () => {
  const electing = told(2, { mode: 'electing' });
  expect(observe(open(), { ...healthy, node2: electing }).unmet).toEqual([
    {
      host: 'node2',
      condition: 'it leads or follows',
      said: 'runs but does not serve: it has no quorum or is electing',
    },
    { condition: 'exactly one member leads', said: 'none leads' },
  ]);
  expect(observe(open(), { ...healthy, node1: told(1, { mode: 'leader' }) }).unmet).toEqual([
    { condition: 'exactly one member leads', said: 'node1 and node2 lead' },
  ]);
});

test('a member that is down says what its log complains of', () => {
  const down = told(3, { mode: '', container: 'restarting', complaint: 'java.io.IOException: No snapshot found' });
  const observation = observe(open(), { ...healthy, node3: down });
  expect(observation.members[2]).toMatchObject({
    present: true,
    healthy: false,
    said: 'is down: its container is restarting (code 1); its log says: java.io.IOException: No snapshot found',
  });
});

test('a host that does not answer counts as a member that is down, one without a container as not yet made', () => {
  const observation = observe(open(), {
    ...healthy,
    node1: { kind: 'unreached', reason: 'the connection timed out' },
    node3: told(3, { mode: '', container: null }),
  });
  expect(observation.members[0]).toMatchObject({
    present: true,
    healthy: false,
    said: 'could not be asked: the connection timed out',
  });
  expect(observation.members[2]).toMatchObject({ present: false, healthy: false });
});

test('a member whose last step was cut off is not finished', () => {
  const { members } = observe(open(), { ...healthy, node1: told(1, { kept: true }) });
  expect(members.map(({ unfinished }) => unfinished)).toEqual([true, undefined, undefined]);
});

test('the quorum is more than half, and a server alone is its own', () => {
  const five = ['a', 'b', 'c', 'd', 'e'];
  expect([open({}, five).quorum, open().quorum, open({}, ['a', 'b']).quorum, open({}, ['a']).quorum]).toEqual([
    3, 2, 2, 1,
  ]);
  expect(
    observe(open({}, ['node1']), { node1: told(1, { mode: 'standalone', config: 'dataDir=/data' }) }),
  ).toMatchObject({
    unmet: [],
    leader: 'node1',
  });
});

function refusals(
  servers: Readonly<Record<string, MemberReply>>,
  variables: Readonly<Record<string, Value>> = {},
): readonly string[] {
  const ensemble = open(variables);
  return (ensemble.refusals?.(observe(ensemble, servers), hosts) ?? []).map(
    ({ host = 'all', message, hint }) => `${host}: ${message} | ${hint ?? ''}`,
  );
}

test('a healthy ensemble of a version with a way to the wanted one is not refused', () => {
  expect(refusals(healthy)).toEqual([]);
});

test.each([
  ['3.4.5', '3.8.0', /node1: it runs 3\.4\.5.*3\.4\.6 is the least.*3\.4\.14/],
  ['3.4.8', '3.8.0', /node1: it runs 3\.4\.8: the way from 3\.4 .* starts from the last 3\.4.*3\.4\.14/],
  ['3.8.0', '3.4.14', /node1: it runs 3\.8\.0, and there is no way back to 3\.4\.14/],
  ['3.9.3', '3.8.0', /node1: it runs 3\.9\.3, which is later than 3\.8\.0: servers are rolled forward only/],
])('the way from %s to %s is refused', (version, wanted, words) => {
  expect(refusals({ ...healthy, node1: told(1, { version }) }, { zookeeper_version: wanted }).join('\n')).toMatch(
    words,
  );
});

test('a young log without a snapshot is no reason against 3.8, but against versions that would not start on it again', () => {
  const young = { ...healthy, node3: told(3, { data: ['0', '1', '3'] }) };
  expect(refusals(young)).toEqual([]);
  for (const version of ['3.5.5', '3.5.6', '3.6.1', '3.7.0'])
    expect(refusals(young, { zookeeper_version: version }).join()).toMatch(
      /node3: its data is a log of transactions without a snapshot/,
    );
  expect(refusals(young, { zookeeper_version: '3.4.14' })).toEqual([]);
});

test('another myid than the one on disk is refused', () => {
  expect(refusals({ ...healthy, node3: told(3, { data: ['1', '1', '7'] }) })).toEqual([
    expect.stringMatching(
      /^node3: it is server 7 of the ensemble, and the inventory would make it server 3.*zookeeper_myid: 7/,
    ),
  ]);
});

test('data that is inside the container, or in another folder, is refused', () => {
  expect(refusals({ ...healthy, node1: told(1, { dataSource: null }) }).join()).toMatch(
    /node1: the data of container zookeeper is inside the container/,
  );
  expect(refusals({ ...healthy, node1: told(1, { dataSource: '/srv/zk' }) }).join()).toMatch(
    /node1: its data is in \/srv\/zk, and the inventory would start it on \/data\/zookeeper\/data/,
  );
});

test('a server that is not of this playbook is refused', () => {
  expect(refusals({ ...healthy, node1: told(1, { container: null }) }).join()).toMatch(
    /node1: a server answers at 10\.0\.0\.1:2181, but not from a container named zookeeper/,
  );
});

test('a member added to or removed from the list by editing is refused and sent to the named operation', () => {
  const two = threeServers.split('\n').slice(0, 2).join('\n');
  const smaller = { config: `dataDir=/data\n${two}` };
  const servers = {
    node1: told(1, smaller),
    node2: told(2, { ...smaller, mode: 'leader' }),
    node3: told(3, { mode: '', container: null }),
  };
  expect(refusals(servers)).toEqual([
    expect.stringMatching(
      /^all: the ensemble that runs is not the one of the inventory: node1 knows it without server\.3 \(10\.0\.0\.3:2888:3888\).*runner scale-out/,
    ),
  ]);
  const larger = { config: `dataDir=/data\n${threeServers}\nserver.4=10.0.0.4:2888:3888` };
  expect(refusals({ ...healthy, node1: told(1, larger) }).join()).toMatch(/with server\.4/);
});

test('the named operations may change who belongs to it', () => {
  const larger = { config: `dataDir=/data\n${threeServers}\nserver.4=10.0.0.4:2888:3888` };
  expect(refusals({ ...healthy, node1: told(1, larger) }, { zookeeper_membership_change: true })).toEqual([]);
});

test('lines of dynamic configuration mean the same members', () => {
  const dynamic = threeServers.replaceAll(/:3888/g, ':3888:participant;0.0.0.0:2181');
  expect(refusals({ ...healthy, node1: told(1, { config: `dataDir=/data\n${dynamic}` }) })).toEqual([]);
});
