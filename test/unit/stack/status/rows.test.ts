import { describe, expect, it } from 'vitest';
import { ModuleFailure } from '../../../../src/modules/types.js';
import { hostRows } from '../../../../src/stack/status/host-look.js';
import { captured, json, replyOf, rowOf, rowsOf, withAnswer } from './captured.js';

const first = captured('elected-and-leading');
const second = captured('zookeeper-leader');
const agent = captured('agent-and-bamboo');

describe('the rows of a host', () => {
  it('has the engine first, then what the inventory wants, from the bottom of the stack to its top', () => {
    expect(rowsOf('node1', first).map(({ component, role, health }) => [component, role, health.text])).toEqual([
      ['docker', undefined, '3 of 3 containers run'],
      ['zookeeper', 'follower', 'serves'],
      ['mesos-master', 'elected', '2 agents, 1 framework'],
      ['marathon', 'leader', '1 app'],
    ]);
  });

  it('tells the image and the version that run, and since when', () => {
    const row = rowOf('zookeeper', { host: 'node1', records: first });
    expect(row.version).toEqual({ running: '3.8.0' });
    expect(row.image).toEqual({ running: '198.18.0.34:5000/lab/zookeeper:3.8.0' });
    expect(row.container).toMatchObject({
      name: 'zookeeper',
      state: 'running',
      health: 'healthy',
      since: '2026-11-21T02:27:08.03675448Z',
    });
    expect(row.uptimeSeconds).toBe(1795229024 - Math.ceil(Date.parse('2026-11-21T02:27:08.036Z') / 1000));
  });

  it('refuses an answer that was cut short', () => {
    const whole = replyOf(first);
    const cut = { ...whole, stdout: whole.stdout.subarray(0, 1000) };
    expect(() => hostRows(cut, { host: 'node1', members: [], hostAt: (endpoint) => endpoint })).toThrow(ModuleFailure);
  });
});

describe('a ZooKeeper', () => {
  it('that leads tells how many follow in step', () => {
    const row = rowOf('zookeeper', { host: 'node2', records: second });
    expect(row.role).toBe('leader');
    expect(row.health).toEqual({ state: 'well', text: '2 followers in sync' });
    expect(row.details).toMatchObject({ mode: 'leader', epoch: 1, followers: 2, syncedFollowers: 2, pendingSyncs: 0 });
  });

  it('that leads says when a follower is behind', () => {
    const text = 'zk_server_state\tleader\nzk_followers\t2.0\nzk_synced_followers\t1.0\nzk_pending_syncs\t1.0\n';
    const records = withAnswer(second, { key: 'zookeeper mntr', text });
    expect(rowOf('zookeeper', { host: 'node2', records }).health.text).toBe('1 of 2 followers in sync, 1 syncing');
  });

  it('that may not be asked for `mntr` still has its role', () => {
    const records = withAnswer(second, {
      key: 'zookeeper mntr',
      text: 'mntr is not executed because it is not in the whitelist.\n',
    });
    const row = rowOf('zookeeper', { host: 'node2', records });
    expect(row.role).toBe('leader');
    expect(row.health).toEqual({ state: 'well', text: 'serves' });
    expect(row.details).not.toHaveProperty('syncedFollowers');
  });

  it('without a quorum is not well, though its port answers', () => {
    const row = rowOf('zookeeper', { host: 'node1', records: captured('no-quorum') });
    expect(row.role).toBe('electing');
    expect(row.health).toEqual({ state: 'ill', text: 'it runs but does not serve: it has no quorum or is electing' });
  });

  it('whose container ended is told by the container', () => {
    const row = rowOf('zookeeper', { host: 'node3', records: captured('ended-container') });
    expect(row.health).toEqual({ state: 'ill', text: 'its container ended with exit code 143' });
    expect(row.version.running).toBe('3.8.0');
    expect(row).not.toHaveProperty('role');
    expect(row).not.toHaveProperty('uptimeSeconds');
  });

  it("that answers while Docker's own check fails is not well", () => {
    const records = first.map((record) =>
      record[0] === 'containers' ? record.map((word) => word.replaceAll('"healthy"', '"unhealthy"')) : record,
    );
    expect(rowOf('zookeeper', { host: 'node1', records }).health).toEqual({
      state: 'ill',
      text: "it answers, but Docker's health check fails",
    });
  });
});

describe('a Mesos master', () => {
  it('that stands by names the elected one by its host and counts no agents', () => {
    const row = rowOf('mesos-master', { host: 'node2', records: second });
    expect(row.role).toBe('standby');
    expect(row.health).toEqual({ state: 'well', text: 'stands by for node1' });
    expect(row.details).toEqual({ elected: false, recovered: true, leader: '198.18.0.43:5050', agents: [] });
  });

  it('that is elected lists its agents', () => {
    const row = rowOf('mesos-master', { host: 'node1', records: first });
    expect(row.details?.agents.map(({ endpoint, active }) => ({ endpoint, active }))).toEqual([
      { endpoint: '198.18.0.47:5051', active: true },
      { endpoint: '198.18.0.46:5051', active: true },
    ]);
  });

  it('that knows no elected one is not well', () => {
    const row = rowOf('mesos-master', { host: 'node1', records: captured('no-quorum') });
    expect(row.health).toEqual({ state: 'ill', text: 'it knows no elected master' });
  });

  it('whose log has not recovered is not well', () => {
    const metrics = json({ 'master/elected': 0, 'registrar/log/recovered': 0 });
    const records = withAnswer(second, { key: '198.18.0.44:5050 metrics', text: metrics });
    expect(rowOf('mesos-master', { host: 'node2', records }).health.text).toBe(
      'its replica of the log has not recovered: it does not vote',
    );
  });

  it('before 1.0, which does not tell of its log, is well without it', () => {
    const records = withAnswer(second, { key: '198.18.0.44:5050 metrics', text: json({ 'master/elected': 0 }) });
    const row = rowOf('mesos-master', { host: 'node2', records });
    expect(row.health.state).toBe('well');
    expect(row.details).not.toHaveProperty('recovered');
  });
});

describe('a Mesos agent', () => {
  it('that has not registered is not well', () => {
    const row = rowOf('mesos-slave', { host: 'node4', records: agent });
    expect(row.health).toEqual({ state: 'ill', text: 'it has not registered with a master' });
    expect(row.details).toEqual({ registered: false, recoveryErrors: 0, runningTasks: 2 });
  });

  it('that has registered tells its tasks', () => {
    const metrics = json({ 'slave/registered': 1, 'slave/tasks_running': 1, 'slave/uptime_secs': 61.5 });
    const row = rowOf('mesos-slave', {
      host: 'node4',
      records: withAnswer(agent, { key: '198.18.0.46:5051 metrics', text: metrics }),
    });
    expect(row.health).toEqual({ state: 'well', text: '1 task running' });
    expect(row.uptimeSeconds).toBe(61);
  });

  it('that recovered its state with errors is not well', () => {
    const metrics = json({ 'slave/registered': 1, 'slave/recovery_errors': 2 });
    const row = rowOf('mesos-slave', {
      host: 'node4',
      records: withAnswer(agent, { key: '198.18.0.46:5051 metrics', text: metrics }),
    });
    expect(row.health).toEqual({ state: 'ill', text: '2 errors when it recovered its state' });
  });
});

describe('a Marathon', () => {
  it('that leads tells its apps and their running tasks', () => {
    expect(rowOf('marathon', { host: 'node1', records: first }).details).toEqual({
      standby: false,
      leader: '198.18.0.43:8080',
      frameworkId: '18965179-f0d0-437e-965e-966fe99927c2-0000',
      apps: [{ id: '/hello', instances: 2, running: 2 }],
      deployments: 0,
    });
  });

  it("that stands by has its image's version, since all its answers are the leader's", () => {
    const others = second.map((record) =>
      record.map((word) => word.replaceAll('lab/marathon:1.5.15', 'lab/marathon:1.4.14')),
    );
    const row = rowOf('marathon', { host: 'node2', records: others });
    expect(row.role).toBe('standby');
    expect(row.version.running).toBe('1.4.14');
    expect(row.health.text).toBe('stands by for node1');
  });

  it('says when deployments are under way', () => {
    const records = withAnswer(first, { key: 'marathon deployments', text: json([{ id: 'a' }]) });
    expect(rowOf('marathon', { host: 'node1', records }).health.text).toBe('1 app, 1 deployment under way');
  });

  it('that knows no leader is not well', () => {
    const text = 'HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n\r\n{"message":"There is no leader"}';
    const row = rowOf('marathon', {
      host: 'node1',
      records: withAnswer(first, { key: '198.18.0.43:8080 leader', text }),
    });
    expect(row.health).toEqual({ state: 'ill', text: 'it knows no leader' });
    expect(row).not.toHaveProperty('role');
  });

  it('that is restarted again and again says so', () => {
    const row = rowOf('marathon', { host: 'node1', records: captured('no-quorum') });
    expect(row.health.text).toMatch(
      /^its container runs after \d+ restarts?, but the connection is refused \(198\.18\.0\.43:8080\)$/,
    );
  });
});

describe('a Bamboo', () => {
  it('tells its apps, its rules and the servers HAProxy sends them to', () => {
    const row = rowOf('bamboo', { host: 'node4', records: agent });
    expect(row.health).toEqual({ state: 'well', text: '1 app, 1 rule, 1 backend' });
    expect(row.version.running).toBe('0.3.1');
    expect(row.details).toEqual({
      apps: ['/hello'],
      rules: { '/hello': 'path_beg -i /hello' },
      haproxy: {
        status: 503,
        backends: { '::hello-cluster': ['::hello-198.18.0.46-31325', '::hello-198.18.0.46-31893'] },
      },
    });
  });

  it('that has not heard from Marathon is not well, though /status says OK', () => {
    const records = withAnswer(agent, { key: '198.18.0.46:8000 state', text: json({ Apps: null, Services: {} }) });
    expect(rowOf('bamboo', { host: 'node4', records }).health.text).toBe('it lists no apps: it cannot reach Marathon');
  });

  it("with a configuration that HAProxy refuses says HAProxy's words", () => {
    const said = '[ALERT] (7) : config : unknown keyword\nexit 1';
    const records = agent.map((record) => (record[0] === 'haproxy-check' ? ['haproxy-check', said] : record));
    const row = rowOf('bamboo', { host: 'node4', records });
    expect(row.health.text).toBe("HAProxy's configuration is not valid: unknown keyword");
    expect(row.details?.haproxy.invalid).toBe('unknown keyword');
  });

  it('whose HAProxy could not be asked, since Docker does not answer, is not blamed for it', () => {
    const records = agent.map((record) => (record[0] === 'haproxy-check' ? ['haproxy-check', ''] : record));
    expect(rowOf('bamboo', { host: 'node4', records }).health.state).toBe('well');
  });

  it('whose HAProxy is silent is not well', () => {
    const records = withAnswer(agent, { key: 'haproxy', code: '1' });
    expect(rowOf('bamboo', { host: 'node4', records }).health).toEqual({
      state: 'ill',
      text: 'HAProxy does not answer',
    });
  });
});

describe('a Docker engine', () => {
  const without = (replacement: readonly string[]): readonly (readonly string[])[] =>
    agent.flatMap((record) => (record[0] === 'engine' ? [replacement] : record[0] === 'containers' ? [] : [record]));

  it('tells its version without what the distribution adds', () => {
    const row = rowOf('docker', { host: 'node4', records: agent });
    expect(row.version.running).toBe('20.10.24');
    expect(row.details).toEqual({
      engineVersion: '20.10.24+dfsg1',
      running: 4,
      containers: 4,
      liveRestore: true,
      kept: [],
      unfinished: [],
    });
  });

  it('that is not there explains why nothing runs', () => {
    const records = withAnswer(without(['engine-absent']), { key: '198.18.0.46:5051 metrics', code: '1' });
    expect(rowOf('docker', { host: 'node4', records }).health.text).toBe('there is no Docker engine on this host');
    expect(rowOf('mesos-slave', { host: 'node4', records }).health.text).toBe('there is no Docker engine on this host');
  });

  it('that does not answer is told apart from what still runs under it', () => {
    const records = without(['engine-silent', 'Client: 20.10\nCannot connect to the Docker daemon']);
    expect(rowOf('docker', { host: 'node4', records }).health.text).toBe(
      'the engine does not answer: Cannot connect to the Docker daemon',
    );
    expect(rowOf('bamboo', { host: 'node4', records }).health.state).toBe('well');
  });

  it("takes another cluster's container on the same host for nothing of ours", () => {
    const records = agent.map((record) =>
      record[0] === 'containers'
        ? ['containers', `${record[1]}\n${record[1]?.split('\n')[0]?.replace('/mslave', '/mslave-two')}`]
        : record,
    );
    expect(rowOf('docker', { host: 'node4', records }).details?.kept).toEqual([]);
  });

  it('names replaced containers that are kept', () => {
    const records = agent.map((record) =>
      record[0] === 'containers'
        ? [
            'containers',
            `${record[1]}\n${record[1]?.split('\n')[0]?.replace('/mslave', '/mslave.old-1a2b3c4d').replace('running', 'exited')}`,
          ]
        : record,
    );
    expect(rowOf('docker', { host: 'node4', records }).details?.kept).toEqual(['mslave.old-1a2b3c4d']);
    expect(rowOf('mesos-slave', { host: 'node4', records }).container?.name).toBe('mslave');
  });
});
