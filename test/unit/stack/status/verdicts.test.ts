import { describe, expect, it } from 'vitest';
import { clusterStatus } from '../../../../src/stack/status/cluster-status.js';
import type { ClusterStatus, HostStatus, Row, Verdict } from '../../../../src/stack/status/types.js';
import { captured, json, lab, rowsOf, withAnswer, type Records } from './captured.js';

const node1 = captured('elected-and-leading');
const node2 = captured('zookeeper-leader');
const agents = captured('agent-and-bamboo');

const registered = json({ 'slave/registered': 1, 'slave/tasks_running': 1 });

/** node2's answer with its addresses turned into node3's, following instead of leading. */
const node3: Records = withAnswer(
  node2.map((record) => record.map((word) => word.replaceAll('198.18.0.44:', '198.18.0.45:'))),
  { key: 'zookeeper srvr', text: 'Zookeeper version: 3.8.0--1\nZxid: 0x100000060\nMode: follower\n' },
);
const node4: Records = withAnswer(agents, { key: '198.18.0.46:5051 metrics', text: registered });
const node5: Records = node4.map((record) => record.map((word) => word.replaceAll('198.18.0.46:', '198.18.0.47:')));

const whole: Readonly<Record<string, Records>> = { node1, node2, node3, node4, node5 };

function asked(host: string, records: Records): HostStatus {
  return { kind: 'asked', host, rows: rowsOf(host, records) };
}

const away = (host: string): HostStatus => ({ kind: 'unreachable', host, reason: 'no route to the host' });

/** The lab, with some hosts' answers changed; undefined: the host is left out of the question. */
function labWith(changes: Readonly<Record<string, HostStatus | undefined>>): ClusterStatus {
  const hosts = Object.entries(whole).flatMap(([host, records]) =>
    host in changes ? (changes[host] ?? []) : asked(host, records),
  );
  return clusterStatus({ hosts, members: lab });
}

function verdict(cluster: ClusterStatus, subject: string): Omit<Verdict, 'subject'> | undefined {
  const found = cluster.verdicts.find((each) => each.subject === subject);
  return found === undefined ? undefined : { state: found.state, sentence: found.sentence };
}

describe('a cluster that is well', () => {
  it('has a good word for each of its ensembles', () => {
    const cluster = labWith({});
    expect(cluster.verdicts).toEqual([
      { subject: 'ZooKeeper', state: 'ok', sentence: 'node2 leads; 3 of 3 serve, 2 are needed: 1 more may fail' },
      { subject: 'Mesos masters', state: 'ok', sentence: 'node1 is elected; 3 of 3 answer' },
      { subject: 'Mesos agents', state: 'ok', sentence: '2 of 2 are active, as node1 lists them' },
      { subject: 'Marathon', state: 'ok', sentence: 'node1 leads, as 3 of 3 say' },
      { subject: 'Apps', state: 'ok', sentence: '1 app with all instances running' },
      { subject: 'Bamboo', state: 'ok', sentence: "2 of 2 list Marathon's 1 running app" },
    ]);
    expect(cluster.apps).toEqual([
      { id: '/hello', instances: 2, running: 2, route: 'path_beg -i /hello', servers: { node4: 2, node5: 2 } },
    ]);
    expect(cluster.outcome).toBe('well');
  });

  it("gives an agent its id from the elected master's list", () => {
    const row = labWith({})
      .hosts.flatMap((host): readonly Row[] => (host.kind === 'asked' ? host.rows : []))
      .find(({ host, component }) => host === 'node5' && component === 'mesos-slave');
    expect(row?.details).toMatchObject({ id: '18965179-f0d0-437e-965e-966fe99927c2-S0-90d5c428', active: true });
  });

  it('says nothing of ensembles the inventory does not have', () => {
    const members = lab.filter(({ component }) => component === 'zookeeper');
    const cluster = clusterStatus({
      hosts: [asked('node1', node1), asked('node2', node2), asked('node3', node3)],
      members,
    });
    expect(cluster.verdicts.map(({ subject }) => subject)).toEqual(['ZooKeeper']);
  });
});

describe('ZooKeeper', () => {
  const electing = (records: Records): Records =>
    withAnswer(records, { key: 'zookeeper srvr', text: 'This ZooKeeper instance is not currently serving requests\n' });

  it('with one member away keeps its quorum and says that no more may fail', () => {
    const leading = withAnswer(node2, { key: 'zookeeper mntr', text: 'zk_followers\t1\nzk_synced_followers\t1\n' });
    const cluster = labWith({ node2: asked('node2', leading), node3: away('node3') });
    expect(verdict(cluster, 'ZooKeeper')).toEqual({
      state: 'ok',
      sentence: 'node2 leads; 2 of 3 serve, 2 are needed: no more may fail',
    });
    expect(cluster.outcome).toBe('unreachable');
  });

  it('without a leader is bad, with the arithmetic', () => {
    const cluster = labWith({
      node1: asked('node1', electing(node1)),
      node2: asked('node2', electing(node2)),
      node3: asked('node3', electing(node3)),
    });
    expect(verdict(cluster, 'ZooKeeper')).toEqual({
      state: 'bad',
      sentence: 'no member leads: 0 of 3 serve, 2 are needed',
    });
    expect(cluster.outcome).toBe('ill');
  });

  it('with two leaders is bad', () => {
    const cluster = labWith({
      node3: asked('node3', withAnswer(node3, { key: 'zookeeper srvr', text: 'Mode: leader\n' })),
    });
    expect(verdict(cluster, 'ZooKeeper')).toEqual({ state: 'bad', sentence: 'node2 and node3 both say they lead' });
  });

  it('with a member that runs alone beside the ensemble is bad', () => {
    const cluster = labWith({
      node3: asked('node3', withAnswer(node3, { key: 'zookeeper srvr', text: 'Mode: standalone\n' })),
    });
    expect(verdict(cluster, 'ZooKeeper')).toEqual({
      state: 'bad',
      sentence: 'node3 runs alone instead of in the ensemble',
    });
  });

  it('is not known when those that were not asked may be a quorum', () => {
    const cluster = labWith({ node1: asked('node1', electing(node1)), node2: undefined, node3: away('node3') });
    expect(verdict(cluster, 'ZooKeeper')).toEqual({
      state: 'unknown',
      sentence: 'node2 and node3 were not asked: whether 2 of 3 serve is not known',
    });
  });

  it('is not known when a follower follows a leader that was not asked', () => {
    expect(verdict(labWith({ node2: away('node2') }), 'ZooKeeper')).toEqual({
      state: 'unknown',
      sentence: 'node1 and node3 follow a leader that was not heard: node2 was not asked',
    });
  });

  it('whose leader may not be asked for its followers has a quorum all the same', () => {
    const leading = withAnswer(node2, { key: 'zookeeper mntr', text: 'mntr is not in the whitelist\n' });
    const cluster = labWith({ node1: away('node1'), node2: asked('node2', leading), node3: away('node3') });
    expect(verdict(cluster, 'ZooKeeper')).toEqual({
      state: 'ok',
      sentence: 'node2 leads with a quorum; node1 and node3 were not asked',
    });
  });

  it('of one server is well when that one serves', () => {
    const alone = withAnswer(node1, { key: 'zookeeper srvr', text: 'Mode: standalone\n' });
    const members = lab.filter(({ component, host }) => component === 'zookeeper' && host === 'node1');
    expect(verdict(clusterStatus({ hosts: [asked('node1', alone)], members }), 'ZooKeeper')).toEqual({
      state: 'ok',
      sentence: 'node1 serves, alone',
    });
  });
});

describe('Mesos', () => {
  const standby = (records: Records, address: string): Records =>
    withAnswer(records, {
      key: `${address}:5050 metrics`,
      text: json({ 'master/elected': 0, 'registrar/log/recovered': 1 }),
    });
  const elected = (records: Records, address: string): Records =>
    withAnswer(records, {
      key: `${address}:5050 metrics`,
      text: json({ 'master/elected': 1, 'registrar/log/recovered': 1 }),
    });

  it('without an elected master is bad, and its agents are not known', () => {
    const cluster = labWith({ node1: asked('node1', standby(node1, '198.18.0.43')) });
    expect(verdict(cluster, 'Mesos masters')).toEqual({ state: 'bad', sentence: 'no master is elected' });
    expect(verdict(cluster, 'Mesos agents')).toEqual({
      state: 'unknown',
      sentence: 'no elected master was heard, which lists them',
    });
  });

  it('whose elected master may be on a host that was not asked is not known', () => {
    expect(verdict(labWith({ node1: away('node1') }), 'Mesos masters')).toEqual({
      state: 'unknown',
      sentence: 'no master that was asked is elected; node1 was not asked',
    });
  });

  it('with two elected masters is bad', () => {
    expect(verdict(labWith({ node2: asked('node2', elected(node2, '198.18.0.44')) }), 'Mesos masters')).toEqual({
      state: 'bad',
      sentence: 'node1 and node2 are both elected',
    });
  });

  it('with a standby that names another elected master is bad', () => {
    const text = 'HTTP/1.1 307 Temporary Redirect\r\nLocation: //198.18.0.45:5050\r\n\r\n';
    const cluster = labWith({ node2: asked('node2', withAnswer(node2, { key: '198.18.0.44:5050 redirect', text })) });
    expect(verdict(cluster, 'Mesos masters')).toEqual({
      state: 'bad',
      sentence: 'node1 is elected, but node2 names another',
    });
  });

  it('with an agent that the elected master does not list as active is bad, and the agent is told', () => {
    const slaves = json({
      slaves: [
        { id: 'S0', hostname: 'n5', pid: 'slave(1)@198.18.0.47:5051', active: true },
        { id: 'S1', hostname: 'n4', pid: 'slave(1)@198.18.0.46:5051', active: false },
      ],
    });
    const cluster = labWith({
      node1: asked('node1', withAnswer(node1, { key: '198.18.0.43:5050 slaves', text: slaves })),
    });
    expect(verdict(cluster, 'Mesos agents')).toEqual({ state: 'bad', sentence: '1 of 2 are active: node4 is not' });
    const row = cluster.hosts
      .flatMap((host): readonly Row[] => (host.kind === 'asked' ? host.rows : []))
      .find(({ host, component }) => host === 'node4' && component === 'mesos-slave');
    expect(row?.health).toEqual({ state: 'ill', text: 'the elected master does not list it as active' });
    expect(row?.details).toMatchObject({ id: 'S1', active: false });
  });

  it('with an inactive agent on a host that could not be reached is not known to be bad', () => {
    const slaves = json({ slaves: [{ id: 'S0', hostname: 'n4', pid: 'slave(1)@198.18.0.46:5051', active: true }] });
    const cluster = labWith({
      node1: asked('node1', withAnswer(node1, { key: '198.18.0.43:5050 slaves', text: slaves })),
      node5: away('node5'),
    });
    expect(verdict(cluster, 'Mesos agents')).toEqual({ state: 'unknown', sentence: '1 of 2 are active: node5 is not' });
    expect(cluster.outcome).toBe('unreachable');
  });
});

describe('Marathon', () => {
  const naming = (records: Records, options: { readonly of: string; readonly leader: string }): Records =>
    withAnswer(records, { key: `${options.of}:8080 leader`, text: json({ leader: options.leader }) });

  it('whose instances name several leaders is bad', () => {
    const cluster = labWith({
      node3: asked('node3', naming(node3, { of: '198.18.0.45', leader: '198.18.0.45:8080' })),
    });
    expect(verdict(cluster, 'Marathon')).toEqual({
      state: 'bad',
      sentence: 'the instances name several leaders: node1 and node3',
    });
  });

  it('whose leader does not answer is bad', () => {
    const cluster = labWith({
      node1: asked('node1', withAnswer(node1, { key: '198.18.0.43:8080 leader', code: '1' })),
    });
    expect(verdict(cluster, 'Marathon')).toEqual({
      state: 'bad',
      sentence: 'node1 is named as the leader, but does not lead',
    });
  });

  it('whose leader announces a name of its own is known by the host that leads', () => {
    const named = (host: string, records: Records): HostStatus =>
      asked(
        host,
        records.map((record) =>
          record[1]?.endsWith(':8080 leader')
            ? record.map((word) => word.replaceAll(/"leader":"[^"]*"/g, '"leader":"one.example:8080"'))
            : record,
        ),
      );
    const cluster = labWith({
      node1: named('node1', node1),
      node2: named('node2', node2),
      node3: named('node3', node3),
    });
    expect(verdict(cluster, 'Marathon')).toEqual({ state: 'ok', sentence: 'node1 leads, as 3 of 3 say' });
  });

  it('that is led by an instance which the inventory does not know is bad', () => {
    const standby = (host: string, records: Records): HostStatus =>
      asked(
        host,
        records.map((record) =>
          record[1]?.endsWith(':8080 leader')
            ? record.map((word) => word.replaceAll(/"leader":"[^"]*"/g, '"leader":"10.0.0.9:8080"'))
            : record,
        ),
      );
    const followers = { node2: standby('node2', node2), node3: standby('node3', node3) };
    const cluster = labWith({
      ...followers,
      node1: asked('node1', withAnswer(node1, { key: '198.18.0.43:8080 leader', code: '1' })),
    });
    expect(verdict(cluster, 'Marathon')).toEqual({
      state: 'bad',
      sentence: '10.0.0.9:8080 leads, which is no instance of the inventory',
    });
  });

  it('is not known when none of it was asked', () => {
    expect(verdict(labWith({ node1: away('node1'), node2: away('node2'), node3: undefined }), 'Marathon')).toEqual({
      state: 'unknown',
      sentence: 'no instance was heard; node1, node2 and node3 were not asked',
    });
  });
});

describe('Bamboo', () => {
  const listing = (apps: readonly string[]): HostStatus =>
    asked(
      'node5',
      withAnswer(node5, {
        key: '198.18.0.47:8000 state',
        text: json({ Apps: apps.map((Id) => ({ Id })), Services: {} }),
      }),
    );

  it('that lacks an app which runs is bad', () => {
    expect(verdict(labWith({ node5: listing([]) }), 'Bamboo')).toEqual({
      state: 'bad',
      sentence: 'node5 does not list /hello',
    });
  });

  it('that still has an app which Marathon has not is bad', () => {
    expect(verdict(labWith({ node5: listing(['/hello', '/old']) }), 'Bamboo')).toEqual({
      state: 'bad',
      sentence: 'node5 still lists /old, which Marathon does not have',
    });
  });

  it('that lacks an app without any task is well', () => {
    const apps = json({
      apps: [
        { id: '/hello', instances: 2, tasksRunning: 2 },
        { id: '/idle', instances: 0, tasksRunning: 0 },
      ],
    });
    const cluster = labWith({ node1: asked('node1', withAnswer(node1, { key: 'marathon apps', text: apps })) });
    expect(verdict(cluster, 'Bamboo')?.state).toBe('ok');
  });
});

describe('the outcome', () => {
  it('is ill when a host could not be asked, though all that was heard is well', () => {
    const cluster = labWith({ node5: { kind: 'failed', host: 'node5', reason: 'sudo wants a password' } });
    expect(cluster.outcome).toBe('ill');
  });
});
