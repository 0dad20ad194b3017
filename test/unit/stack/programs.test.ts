import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { bambooProblem } from '../../../src/stack/bamboo/state.js';
import { parseBamboo } from '../../../src/stack/bamboo/bamboo-state.js';
import { leaderProblem, leadersOf } from '../../../src/stack/marathon/leader.js';
import { parseInstance, type InstanceState } from '../../../src/stack/marathon/instance-state.js';
import { agentProblem } from '../../../src/stack/mesos/agent.js';
import { parseAgent, parseAgents } from '../../../src/stack/mesos/agent-state.js';
import { parseMaster, type MasterState } from '../../../src/stack/mesos/master-state.js';
import { mastersProblem } from '../../../src/stack/mesos/masters.js';
import { askAll, parseAnswers, type Answer } from '../../../src/stack/probe/ask.js';
import { httpGet, parseHttp } from '../../../src/stack/probe/http.js';
import { ensembleProblem } from '../../../src/stack/zookeeper/ensemble.js';
import { parseMonitor, parseServer, type ZooKeeperState } from '../../../src/stack/zookeeper/server-state.js';
import { localHost, localShells } from '../modules/local-host.js';

/** What the programs really said, kept beside this test. */
function captured(name: string): Answer {
  return { kind: 'answer', text: readFileSync(join(import.meta.dirname, 'captured', name), 'utf8') };
}

const answers = (entries: Readonly<Record<string, string>>): ReadonlyMap<string, Answer> =>
  new Map(Object.entries(entries).map(([key, name]) => [key, captured(name)]));

describe('a ZooKeeper server', () => {
  test('tells its role, version and epoch', () => {
    expect(parseServer(captured('srvr-leader-3.8.0.txt'))).toEqual({
      kind: 'serving',
      mode: 'leader',
      version: '3.8.0',
      zxid: '0x20000001d',
      connections: 10,
      znodes: 32,
    });
    expect(parseServer(captured('srvr-follower-3.8.0.txt'))).toMatchObject({ kind: 'serving', mode: 'follower' });
  });

  test('that has no quorum is not serving', () => {
    const text = 'This ZooKeeper instance is not currently serving requests\n';
    expect(parseServer({ kind: 'answer', text })).toEqual({ kind: 'not-serving' });
  });

  test('tells as leader how many follow, also where numbers are floats', () => {
    const monitor = parseMonitor(captured('mntr-leader-3.8.0.txt'));
    expect([
      monitor.get('zk_synced_followers'),
      monitor.get('zk_pending_syncs'),
      monitor.get('zk_avg_latency'),
    ]).toEqual([2, 0, 1.6333]);
    expect(monitor.has('zk_server_state')).toBe(false);
  });

  test('that keeps mntr to itself tells nothing', () => {
    expect(
      parseMonitor({ kind: 'answer', text: 'mntr is not executed because it is not in the whitelist.\n' }).size,
    ).toBe(0);
  });
});

describe('an ensemble', () => {
  const serving = (mode: 'leader' | 'follower' | 'standalone', version = '3.8.0'): ZooKeeperState => ({
    kind: 'serving',
    mode,
    version,
    zxid: '0x1',
    connections: 1,
    znodes: 1,
  });
  const silent: ZooKeeperState = { kind: 'silent', reason: 'the connection is refused' };
  const problem = (states: readonly ZooKeeperState[], version?: string): string | undefined =>
    ensembleProblem(new Map(states.map((state, index) => [`s${index}`, state])), { member: 's0', version });

  test.each([
    ['one leads and the others follow', [serving('follower'), serving('leader'), serving('follower')], undefined],
    ['a member on another host is down', [serving('follower'), serving('leader'), silent], undefined],
    ['it is a single server', [serving('standalone')], undefined],
    ['the own server is down', [silent, serving('leader')], 's0: the connection is refused'],
    [
      'the own server has no quorum',
      [{ kind: 'not-serving' } as const, serving('leader')],
      's0 runs but does not serve: it has no quorum yet',
    ],
    ['nobody leads', [serving('follower'), serving('follower')], 'no member leads'],
    ['two lead', [serving('leader'), serving('leader')], 's0 and s1 both lead'],
    ['one runs alone', [serving('leader'), serving('standalone')], 's1 runs alone instead of in the ensemble'],
  ])('when %s', (_when, states, expected) => {
    expect(problem(states)).toBe(expected);
  });

  test('with another version than wanted is not done', () => {
    expect(problem([serving('leader', '3.4.13'), serving('follower')], '3.8.0')).toBe(
      's0 runs version 3.4.13, not 3.8.0',
    );
  });
});

describe('Mesos', () => {
  const master = parseMaster(
    'm',
    answers({ 'm metrics': 'mesos-master-metrics-elected.txt', 'm version': 'mesos-version.txt' }),
  );
  const standby: MasterState = {
    kind: 'running',
    elected: false,
    recovered: true,
    activeAgents: 0,
    version: '1.4.1',
    uptimeSeconds: 1,
  };

  test('tells who is elected, what has recovered and how many agents are active', () => {
    expect(master).toMatchObject({
      kind: 'running',
      elected: true,
      recovered: true,
      activeAgents: 2,
      version: '1.4.1',
    });
  });

  test('has one elected master', () => {
    const problem = (states: Readonly<Record<string, MasterState>>): string | undefined =>
      mastersProblem(new Map(Object.entries(states)), { master: 'm' });
    expect(problem({ m: master, n: standby })).toBeUndefined();
    expect(problem({ m: standby, n: standby })).toBe('no master is elected');
    expect(problem({ m: master, n: { ...standby, elected: true } })).toBe('m and n are both elected');
    expect(problem({ m: { ...standby, recovered: false }, n: master })).toBe(
      'm has not recovered its replicated log yet',
    );
  });

  test('lists agents by where they listen', () => {
    const listed = parseAgents('m', answers({ 'm slaves': 'mesos-master-slaves.txt' }));
    expect(listed.map(({ endpoint, active }) => [endpoint, active])).toEqual([
      ['198.18.0.78:5051', true],
      ['198.18.0.79:5051', true],
    ]);
    const agent = parseAgent('a', answers({ 'a metrics': 'mesos-agent-metrics.txt' }));
    expect(agent).toMatchObject({ kind: 'running', registered: true, recoveryErrors: 0 });
    expect(agentProblem({ agent, listed }, { agent: 'a' })).toBeUndefined();
    expect(agentProblem({ agent, listed: [] }, { agent: 'a' })).toBe('no master lists a as active');
  });
});

describe('Marathon', () => {
  const standby = parseInstance(
    'i',
    answers({ 'i leader': 'marathon-leader-standby.txt', 'i info': 'marathon-info.txt' }),
  );
  const lost: InstanceState = {
    kind: 'running',
    leader: undefined,
    standby: false,
    leaderVersion: undefined,
    frameworkId: undefined,
  };

  test('tells through a standby who leads', () => {
    expect(standby).toMatchObject({
      kind: 'running',
      leader: '198.18.0.75:8080',
      standby: true,
      leaderVersion: '1.5.15',
    });
    expect(leadersOf(new Map([['i', standby]]))).toEqual(['198.18.0.75:8080']);
  });

  test('must name one leader', () => {
    expect(leaderProblem(new Map([['i', standby]]), 'i')).toBeUndefined();
    expect(leaderProblem(new Map([['i', lost]]), 'i')).toBe('i knows no leader yet');
    expect(leaderProblem(new Map([['i', lost]]), undefined)).toBe('Marathon has no leader');
  });
});

describe('Bamboo', () => {
  test('tells its apps and rules', () => {
    expect(parseBamboo('b', answers({ 'b state': 'bamboo-state.txt' }))).toEqual({
      kind: 'running',
      apps: ['/hello'],
      rules: { '/hello': 'path_beg -i /x' },
    });
  });

  test('that cannot reach Marathon lists nothing, and that is a problem', () => {
    const text = 'HTTP/1.1 200 OK\r\n\r\n{"Apps":null,"Services":{}}';
    const bamboo = parseBamboo('b', new Map([['b state', { kind: 'answer', text }]]));
    const problem = bambooProblem(
      { bamboo, haproxyStatus: 503, configuration: undefined },
      { bamboo: 'b', haproxy: 'h' },
    );
    expect(problem).toBe('Bamboo at b lists no apps: it cannot reach Marathon');
  });

  test('without apps is well: HAProxy answers 503 then', () => {
    const bamboo = { kind: 'running', apps: [], rules: {} } as const;
    expect(
      bambooProblem({ bamboo, haproxyStatus: 503, configuration: undefined }, { bamboo: 'b', haproxy: 'h' }),
    ).toBeUndefined();
    expect(
      bambooProblem({ bamboo, haproxyStatus: undefined, configuration: undefined }, { bamboo: 'b', haproxy: 'h' }),
    ).toBe('HAProxy at h does not answer');
  });
});

describe('HTTP', () => {
  test('in chunks is put together, counted in bytes', () => {
    const text = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nä1\n\r\n2\r\nzz\r\n0\r\n\r\n';
    expect(parseHttp({ kind: 'answer', text })?.body).toBe('ä1\nzz');
  });

  test('is not what does not begin like it', () => {
    expect(parseHttp({ kind: 'answer', text: 'imok' })).toBeUndefined();
  });
});

const servers: Server[] = [];
afterAll(() => servers.forEach((server) => server.close()));

/** A server on the loopback that answers each request and closes. */
async function serve(reply: (request: string) => string): Promise<string> {
  const server = createServer((socket) => {
    socket.on('data', (bytes: Buffer) => socket.end(reply(bytes.toString('utf8'))));
    socket.on('error', () => undefined);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.each(localShells())('asking over TCP with $name', (shell) => {
  const host = localHost(shell);

  test('gives whole answers, with and without a newline at the end, and says who is silent', async () => {
    const words = await serve(() => 'Mode: leader\n');
    const json = await serve((request) => `HTTP/1.1 200 OK\r\n\r\n{"asked":"${request.split('\r\n')[0]}"}`);
    const script = askAll([
      { key: 'words', endpoint: words, request: 'srvr' },
      httpGet('json', { endpoint: json, path: '/state' }),
      { key: 'nobody', endpoint: '127.0.0.1:1', request: 'srvr' },
    ]);
    const { end, stdout, stderr } = await host.query(script);
    const told = parseAnswers({ code: end.kind === 'code' ? end.code : 1, stdout, stderr });
    expect(told.get('words')).toEqual({ kind: 'answer', text: 'Mode: leader\n' });
    expect(parseHttp(told.get('json'))?.body).toBe('{"asked":"GET /state HTTP/1.0"}');
    expect(told.get('nobody')).toMatchObject({ kind: 'silent' });
  });
});
