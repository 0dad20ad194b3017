import { describe, expect, it } from 'vitest';
import { readComponentNames } from '../../../../src/stack/lifecycle/components.js';
import { foldersOf, parseContainers, remainsOf } from '../../../../src/stack/lifecycle/destroy.js';
import { logScript, splitStamp } from '../../../../src/stack/lifecycle/log-script.js';
import { lifecyclePlays } from '../../../../src/stack/lifecycle/plays.js';
import { stopEffect } from '../../../../src/stack/lifecycle/stop-check.js';
import { clusterStatus } from '../../../../src/stack/status/cluster-status.js';
import type { HostStatus, Member } from '../../../../src/stack/status/types.js';
import { captured, lab, replyOf, rowsOf } from '../status/captured.js';

const hosts = ['node1', 'node2', 'node3'];
const members: readonly Member[] = lab.filter(({ host }) => hosts.includes(host));
const targetsOf = (...components: readonly Member['component'][]): Parameters<typeof lifecyclePlays>[1] => ({
  targets: components.map((component) => ({ component, hosts })),
  members,
});

describe('names of components', () => {
  it('are put in the order of the stack, with the names of the how-tos', () => {
    expect(readComponentNames(['marathon', 'zk', 'slave', 'haproxy'])).toEqual({
      components: ['zookeeper', 'mesos-slave', 'marathon', 'bamboo'],
      unknown: [],
    });
  });

  it('that mean nothing are given back, also those of every object', () => {
    expect(readComponentNames(['zookeper', 'constructor']).unknown).toEqual(['zookeper', 'constructor']);
  });
});

describe('the plays of a start, a stop and a restart', () => {
  it('go upwards, and for a stop downwards', () => {
    const names = (action: 'start' | 'stop'): readonly unknown[] =>
      lifecyclePlays(action, targetsOf('zookeeper', 'mesos-master', 'marathon')).map(({ name }) => name);
    expect(names('start')).toEqual(['Start ZooKeeper', 'Start Mesos masters', 'Start Marathon']);
    expect(names('stop')).toEqual(['Stop Marathon', 'Stop Mesos masters', 'Stop ZooKeeper']);
  });

  it('roll only for a restart, by the kind of the component', () => {
    const [restart] = lifecyclePlays('restart', targetsOf('zookeeper'));
    expect(restart).toMatchObject({ hosts: 'node1,node2,node3', ensemble: { kind: 'zookeeper' } });
    expect(lifecyclePlays('start', targetsOf('zookeeper'))[0]).not.toHaveProperty('ensemble');
  });
});

describe('stopping a part of an ensemble', () => {
  const asked: readonly HostStatus[] = [
    { kind: 'asked', host: 'node1', rows: rowsOf('node1', captured('elected-and-leading')) },
    { kind: 'asked', host: 'node2', rows: rowsOf('node2', captured('zookeeper-leader')) },
    { kind: 'unreachable', host: 'node3', reason: 'no route' },
  ];
  const cluster = clusterStatus({ hosts: asked, members });
  const effect = (...stopped: readonly string[]): ReturnType<typeof stopEffect> =>
    stopEffect({ component: 'zookeeper', hosts: stopped, members, cluster });

  it('is refused with the arithmetic, counting members that are down already', () => {
    expect(effect('node1')).toEqual({
      kind: 'refused',
      sentence: 'ZooKeeper: 3 members, 2 serve, 2 are needed: without node1 there is 1',
    });
  });

  it('is harmless for a member that does not serve anyway, and another thing than stopping all of it', () => {
    expect(effect('node3')).toEqual({ kind: 'harmless' });
    expect(effect('node1', 'node2', 'node3').kind).toBe('whole');
  });
});

describe('what is destroyed', () => {
  const text = 'zookeeper\tzookeeper\nzookeeper.old-1\tzookeeper\nmarathon\t\nweb\t';
  const listed = parseContainers(replyOf([['containers', text]]));
  const memberOf = (component: string): Member => members.find((member) => member.component === component)!;

  it('is what has our label, also what a rollout has kept, and never what somebody else has made', () => {
    expect(remainsOf(memberOf('zookeeper'), { listed, folders: [] }).containers).toEqual([
      'zookeeper',
      'zookeeper.old-1',
    ]);
    expect(remainsOf(memberOf('marathon'), { listed, folders: [] })).toMatchObject({
      containers: [],
      foreign: ['marathon'],
    });
  });

  it('has no folder near the root, and none that a program which stays writes to', () => {
    const values: Readonly<Record<string, string>> = {
      mesos_slave_work_dir: '/data/mesos/slave',
      mesos_log_directory: '/data/logs/mesos',
      zookeeper_directory: '/data',
    };
    const variables = { host: 'node1', address: 'node1', groups: [], read: (name: string) => values[name] };
    expect(foldersOf('mesos-slave', { variables, staying: ['mesos-master'] })).toEqual(['/data/mesos/slave']);
    expect(foldersOf('zookeeper', { variables, staying: [] })).toEqual([]);
  });
});

describe('logs', () => {
  it('are asked for with every word quoted', () => {
    const wish = { follow: true, tail: '100', since: '10m; reboot' };
    expect(logScript('zookeeper', { place: 'zk', wish }).raw).toContain("--since '10m; reboot'");
  });

  it('come with the time in front, which is taken off', () => {
    expect(splitStamp('2026-11-21T05:56:52.673000000Z 2181 is bound')).toEqual({
      stamp: '2026-11-21T05:56:52.673000000Z',
      text: '2181 is bound',
    });
    expect(splitStamp('Error: No such container').stamp).toBeUndefined();
  });
});
