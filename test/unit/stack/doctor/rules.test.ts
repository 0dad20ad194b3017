import { describe, expect, it } from 'vitest';
import { examine, outcomeOf } from '../../../../src/stack/doctor/examine.js';
import type { ZooKeeperSeen } from '../../../../src/stack/ensembles/zookeeper-look.js';
import { parseZooConfig } from '../../../../src/stack/ensembles/zookeeper-config.js';
import type { ContainerState } from '../../../../src/stack/status/containers.js';
import type { HostStatus, Row } from '../../../../src/stack/status/types.js';
import { examination, finding, machine, rulesOf } from './view.js';

/** A host with one of its rows changed. */
function withRow(host: string, component: Row['component'], change: (row: Row) => object): Record<string, HostStatus> {
  const status = examination({}).cluster.hosts.find((each) => each.host === host);
  if (status?.kind !== 'asked') throw new RangeError(host);
  const rows = status.rows.map((row) => (row.component === component ? { ...row, ...change(row) } : row));
  return { [host]: { kind: 'asked', host, rows } };
}

function ended(component: Row['component'], container: Partial<ContainerState>): Record<string, HostStatus> {
  const state: ContainerState = {
    name: component,
    image: 'image:1',
    state: 'exited',
    exitCode: 1,
    restarts: 0,
    ...container,
  };
  return withRow('node1', component, () => ({
    container: state,
    details: undefined,
    role: undefined,
    health: { state: 'ill', text: 'it ended' },
  }));
}

describe('a cluster that is well', () => {
  it('has no finding but those that the missing members of this small one make', () => {
    expect(rulesOf({})).toEqual(['agent-inactive']);
  });
});

describe('hosts', () => {
  it('that are not reached are the only reason for exit 3', () => {
    const gone: HostStatus = { kind: 'unreachable', host: 'node4', reason: 'no route to the host', hint: 'Look.' };
    const findings = examine(examination({ hosts: { node4: gone } }));
    expect(findings.map(({ rule }) => rule)).toEqual(['host-unreachable']);
    expect(outcomeOf(findings)).toBe('unreachable');
  });

  it('with a full disk, or out of inodes, are found before it is too late', () => {
    const fileSystems = [
      { mount: '/data', usedPercent: 97, inodesUsedPercent: 10, freeKilobytes: 40_960 },
      { mount: '/var', usedPercent: 20, inodesUsedPercent: 91, freeKilobytes: 9_000_000 },
    ];
    const exams = { node1: { machine: { ...machine, fileSystems } } };
    expect(finding('disk-full', { exams })).toMatchObject({
      severity: 'bad',
      host: 'node1',
      seen: '/data is 97 % full, 40 MB are free',
    });
    expect(finding('inodes-used-up', { exams })).toMatchObject({ severity: 'warning' });
  });

  it('whose clock differs from that of the others are named', () => {
    const exams = { node2: { machine: { ...machine, clockSeconds: machine.clockSeconds - 42 } } };
    expect(finding('clock-skew', { exams })).toMatchObject({
      host: 'node2',
      severity: 'bad',
      seen: 'its clock is 42 s behind the other hosts',
    });
  });

  it('where Docker does not start at boot, or nothing keeps the clock, get a warning', () => {
    const exams = { node1: { machine: { ...machine, dockerEnabled: false, clockSynced: false } } };
    expect(rulesOf({ exams })).toEqual(['agent-inactive', 'docker-not-enabled', 'clock-not-synced']);
  });

  it('without Docker have one finding, not one for each of their programs', () => {
    const status = examination({}).cluster.hosts[0];
    if (status?.kind !== 'asked') throw new RangeError('node1');
    const rows = status.rows.map((row): Row => {
      const health = {
        state: 'ill',
        text: row.component === 'docker' ? 'the engine does not answer: x' : 'silence',
      } as const;
      const { container: _container, details: _details, ...rest } = row;
      return { ...rest, health };
    });
    const findings = examine(examination({ hosts: { node1: { kind: 'asked', host: 'node1', rows } } }));
    expect(findings.filter(({ host }) => host === 'node1').map(({ rule }) => rule)).toEqual(['docker-down']);
  });
});

describe('containers', () => {
  it.each([
    [111, '', 'its port is in use by another program'],
    [103, '', 'it lost the leadership'],
    [109, '', 'its libmesos does not fit the masters'],
    [110, '', 'its framework was torn down in Mesos'],
    [137, '', 'it was killed (SIGKILL)'],
    [1, 'java.net.BindException: Address already in use', 'a port it wants is in use'],
  ])('that ended with %d are told in words', (exitCode, words, meaning) => {
    const exams = { node1: { machine: { ...machine, lastWords: new Map([['marathon', words]]) } } };
    const { seen, commands } = finding('container-stopped', { hosts: ended('marathon', { exitCode }), exams });
    expect(seen).toContain(meaning);
    expect(commands).toContain('runner start marathon -l node1');
  });

  it('of a ZooKeeper that misses a snapshot are told what that is, and how the upgrade goes about it', () => {
    const lastWords = new Map([
      [
        'zookeeper',
        'ERROR Unable to load database\njava.io.IOException: No snapshot found, but there are log entries. Something is broken!',
      ],
    ]);
    const found = finding('restart-loop', {
      hosts: ended('zookeeper', { state: 'restarting', restarts: 14 }),
      exams: { node1: { machine: { ...machine, lastWords } } },
    });
    expect(found.seen).toContain(
      'restarts again and again (14 times, last with exit code 1): it finds transactions but no snapshot',
    );
    expect(found.advice).toContain('snapshot.trust.empty=true');
  });

  it('that run now, but have been restarting until a moment ago, loop', () => {
    const hosts = withRow('node1', 'marathon', ({ container }) => ({
      container: { ...container, state: 'running', restarts: 5, uptimeSeconds: 20 },
    }));
    expect(finding('restart-loop', { hosts }).seen).toContain('(5 times)');
  });

  it('that were kept are told as a step that was cut off', () => {
    const hosts = withRow('node1', 'docker', (row) => ({ details: { ...row.details, kept: ['zookeeper.old-1'] } }));
    expect(finding('kept-containers', { hosts }).seen).toBe('keeps replaced containers: zookeeper.old-1');
  });

  it('named mesos-* beside an agent are in danger, except those the agent made', () => {
    const own = 'mesos-9f5b0e0a-1c1d-4a58-8a4e-6f0d0b9f0f11';
    const exams = { node4: { machine: { ...machine, containerNames: ['mslave', own, 'mesos-dns'] } } };
    expect(finding('mesos-name', { exams }).seen).toContain('`mesos-dns`');
  });
});

describe('ZooKeeper', () => {
  const server = (text: string, myid: string): ZooKeeperSeen => ({
    state: { kind: 'not-serving' },
    monitor: new Map(),
    readOnly: false,
    unfinished: false,
    config: parseZooConfig(text),
    data: { snapshots: 1, logs: 1, myid },
    container: {
      status: 'running',
      exitCode: 0,
      image: 'zookeeper:3.8.0',
      mounts: [{ type: 'bind', source: '/data/zookeeper/data', destination: '/data' }],
    },
  });
  const usual = 'dataDir=/data\nserver.1=10.0.0.1:2888:3888\nserver.2=10.0.0.2:2888:3888\n';

  it('with another list of servers than the others is no member of theirs', () => {
    const other = usual.replace('10.0.0.2', '10.0.0.9');
    const exams = {
      node1: { zookeeper: server(usual, '1') },
      node2: { zookeeper: server(other, '2') },
      node4: { zookeeper: server(usual, '3') },
    };
    expect(finding('zookeeper-other-configuration', { exams })).toMatchObject({ host: 'node2', severity: 'bad' });
    expect(finding('zookeeper-myid', { exams }).seen).toBe('is number 3, but its zoo.cfg lists only 1, 2');
  });

  it('with the number of another one is found', () => {
    const exams = { node1: { zookeeper: server(usual, '1') }, node2: { zookeeper: server(usual, '1') } };
    expect(finding('zookeeper-same-myid', { exams }).seen).toBe('node1 and node2 have the same id 1');
  });

  it('that keeps its data in the container is backed up before anything else', () => {
    const exams = { node1: { zookeeper: server(usual.replace('/data', '/tmp/zookeeper'), '1') } };
    const found = finding('zookeeper-data-in-container', { exams });
    expect(found.seen).toContain('/tmp/zookeeper');
    expect(found.commands).toEqual(['runner backup zookeeper']);
  });

  it("from 3.5 on takes Marathon's port with its AdminServer, unless it is told not to", () => {
    const claims = (text: string): readonly string[] =>
      rulesOf({ exams: { node1: { zooConfig: text } } }).filter((rule) => rule === 'port-claimed');
    expect(claims(usual)).toEqual(['port-claimed']);
    expect(claims(`${usual}admin.enableServer=false\n`)).toEqual([]);
    expect(claims(`${usual}admin.serverPort=8888\n`)).toEqual([]);
  });

  it('with a number that its ensemble does not list is told which one belongs to its address', () => {
    const seen = server(usual, '9');
    const exams = { node1: { zookeeper: seen } };
    const found = finding('zookeeper-myid', { exams });
    expect(found.seen).toMatch(/^is number 9, but its zoo\.cfg lists only/);
  });

  it('that looks for a leader while another one leads is cut off from the others', () => {
    const hosts = withRow('node1', 'zookeeper', ({ details }) => ({
      details: { ...details, mode: 'electing' },
      role: 'electing',
      health: { state: 'ill', text: 'x' },
    }));
    const found = finding('zookeeper-cut-off', { hosts });
    expect(found.seen).toBe('its ZooKeeper looks for a leader, while node2 leads the others');
    expect(found.commands[0]).toContain('/dev/tcp/198.18.0.');
  });

  it('without a quorum is told with the arithmetic', () => {
    const down = (host: string): Record<string, HostStatus> =>
      withRow(host, 'zookeeper', () => ({ details: undefined, role: undefined, health: { state: 'ill', text: 'x' } }));
    const { seen } = finding('zookeeper-no-quorum', { hosts: { ...down('node1'), ...down('node2') } });
    expect(seen).toContain('0 of 2 members serve, 2 are needed (node1 and node2 down)');
  });
});

describe('Marathon, Bamboo and versions', () => {
  it('instances that name different leaders are told who names whom', () => {
    const hosts = withRow('node2', 'marathon', ({ details }) => ({ details: { ...details, leader: '10.0.0.9:8080' } }));
    expect(finding('marathon-several-leaders', { hosts }).seen).toContain('node2 names 10.0.0.9:8080');
  });

  it('a leader that the inventory does not know is told, with who follows it', () => {
    const standby = withRow('node1', 'marathon', ({ details }) => ({
      role: 'standby',
      details: { ...details, leader: '10.0.0.9:8080' },
    }));
    const hosts = {
      ...standby,
      ...withRow('node2', 'marathon', ({ details }) => ({ details: { ...details, leader: '10.0.0.9:8080' } })),
    };
    expect(finding('marathon-stranger-leads', { hosts }).seen).toBe(
      '10.0.0.9:8080 leads Marathon, which is no instance of the inventory; node1 and node2 stand by for it',
    );
  });

  it('a Bamboo whose apps are null has not heard of Marathon', () => {
    const hosts = withRow('node4', 'bamboo', ({ details }) => {
      const { apps: _apps, ...rest } = details as { readonly apps: unknown };
      return { details: rest, health: { state: 'ill', text: 'it lists no apps' } };
    });
    expect(finding('bamboo-no-apps', { hosts }).commands).toContain('runner restart bamboo -l node4');
  });

  it('an agent whose Docker socket was made anew under it reaches no engine', () => {
    const exams = { node4: { machine: { ...machine, staleSockets: ['mslave', 'other'] } } };
    expect(rulesOf({ exams }).filter((rule) => rule === 'stale-socket')).toHaveLength(2);
  });

  it('a Bamboo that waits for callbacks hears nothing of Marathon 1.5', () => {
    const bambooConfig = JSON.stringify({ Marathon: { UseEventStream: false } });
    const exams = { node4: { machine: { ...machine, bambooConfig } } };
    expect(finding('bamboo-no-events', { exams }).seen).toContain('1.5.15 does not know any more');
  });

  it('a mix of versions is an upgrade that did not come to its end', () => {
    const hosts = withRow('node2', 'zookeeper', () => ({ version: { running: '3.9.3' } }));
    expect(finding('version-mix', { hosts })).toMatchObject({
      seen: 'zookeeper runs in several versions: 3.8.0 on node1; 3.9.3 on node2',
      commands: ['runner upgrade zookeeper=3.9.3 --plan'],
    });
  });

  it('a version behind the one that runs is no upgrade, but a line of the inventory that was forgotten', () => {
    const all = (running: string, wanted: string): Record<string, HostStatus> => ({
      ...withRow('node1', 'zookeeper', () => ({ version: { running, wanted } })),
      ...withRow('node2', 'zookeeper', () => ({ version: { running, wanted } })),
    });
    const behind = finding('version-not-wanted', { hosts: all('3.9.3', '3.8.0') });
    expect(behind.advice).toContain('Write 3.9.3 into the inventory');
    expect(behind.commands.join()).not.toContain('upgrade');
    const ahead = finding('version-not-wanted', { hosts: all('3.8.0', '3.9.3') });
    expect(ahead.commands).toEqual(['runner upgrade zookeeper=3.9.3 --plan']);
    const mixed = {
      ...all('3.8.0', '3.8.0'),
      ...withRow('node2', 'zookeeper', () => ({ version: { running: '3.9.3', wanted: '3.8.0' } })),
    };
    expect(finding('version-mix', { hosts: mixed }).commands).toEqual(['runner upgrade zookeeper=3.9.3 --plan']);
  });

  it('what the status calls ill and no rule explains is told all the same', () => {
    const hosts = withRow('node2', 'zookeeper', () => ({ health: { state: 'ill', text: 'it is strange' } }));
    expect(finding('not-well', { hosts })).toMatchObject({
      host: 'node2',
      seen: 'zookeeper is not well: it is strange',
    });
  });
});
