import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { clusterPlan, findings, usualGroups } from './cluster.js';

const folder = mkdtempSync(join(tmpdir(), 'runner-test-checks-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const everywhere = { zookeeper: ['a'], mesos_master: ['a'], marathon: ['a'], mesos_slave: ['a'], bamboo: ['a'] };

const codes = (options: Parameters<typeof findings>[0]): readonly string[] =>
  findings(options).map(({ severity, code }) => `${severity} ${code}`);

describe('the cluster playbook', () => {
  test('loads without a mistake and passes every check on the usual hosts', () => {
    const { loading } = clusterPlan({});
    expect(loading).toEqual([]);
    expect(findings({})).toEqual([]);
  });

  test('passes every check on a single host', () => {
    expect(findings({ groups: everywhere })).toEqual([]);
  });
});

describe('ports', () => {
  test('of two things on one host are told with both places', () => {
    const [finding, ...others] = findings({
      groups: everywhere,
      variables: 'marathon_port: 8080\nhaproxy_port: 8080\n',
    });
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      severity: 'error',
      code: 'port-claimed-twice',
      message: 'HAProxy and Marathon would both listen on port 8080/tcp of a',
      span: { start: { line: 2, column: 15 } },
      related: [{ message: 'the port of Marathon', span: { start: { line: 1, column: 16 } } }],
    });
  });

  test('are free on other hosts', () => {
    expect(findings({ variables: 'haproxy_port: 8080\n' })).toEqual([]);
  });

  test("count ZooKeeper's AdminServer, from 3.5 on and when it is on", () => {
    const admin = 'zookeeper_admin_server: true\nzookeeper_admin_port: 8080\n';
    expect(codes({ variables: admin })).toEqual(Array(3).fill('error port-claimed-twice'));
    expect(codes({ variables: `${admin}zookeeper_version: 3.4.13\n` })).toEqual([]);
  });
});

describe('names of containers', () => {
  test('that begin with mesos- are refused, by default of a role or in a task', () => {
    expect(codes({ variables: 'mesos_slave_container: mesos-slave\n' })).toEqual(['error mesos-container-name']);
    const playbook = join(folder, 'own.yaml');
    writeFileSync(
      playbook,
      '- name: own\n  hosts: all\n  tasks:\n    - docker_container: { name: mesos-dns, image: x }\n    - docker_container: { name: mesos-old, state: absent }\n',
    );
    expect(findings({ playbook })).toMatchObject([
      { code: 'mesos-container-name', span: { start: { line: 4, column: 33 } } },
    ]);
  });
});

describe('quorums and ensembles', () => {
  test('a quorum that is no majority is refused with the arithmetic', () => {
    const [finding] = findings({ variables: 'mesos_master_quorum: 1\n' });
    expect(finding).toMatchObject({ code: 'wrong-quorum', span: { start: { line: 1, column: 22 } } });
    expect(finding?.message).toContain('floor(3/2)+1 is 2');
    expect(codes({ variables: 'mesos_master_quorum: 2\n' })).toEqual([]);
    expect(codes({ variables: 'mesos_master_options: { quorum: 1 }\n' })).toEqual(['error wrong-quorum']);
  });

  test('an even ensemble is a warning', () => {
    const even = { ...usualGroups, zookeeper: ['node1', 'node2'], mesos_master: ['node1', 'node2', 'node3', 'node4'] };
    expect(codes({ groups: even })).toEqual(['warning even-ensemble', 'warning even-ensemble']);
  });

  test('three masters on one ZooKeeper server are a warning', () => {
    expect(codes({ groups: { ...usualGroups, zookeeper: ['node1'] } })).toEqual(['warning lone-zookeeper']);
  });
});

describe('flags', () => {
  test('that no version has are errors with a suggestion, since Mesos would ignore them', () => {
    const [finding, ...others] = findings({ variables: 'mesos_slave_options: { isolator: cgroups/cpu }\n' });
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      code: 'unknown-flag',
      hint: 'did you mean `isolation`?',
      span: { start: { column: 24 } },
    });
  });

  test('that the chosen Marathon does not have are errors, since it would not start', () => {
    expect(codes({ variables: 'marathon_options: { event_subscriber: http_callback }\n' })).toEqual([
      'error unknown-flag',
    ]);
    expect(
      codes({ variables: 'marathon_options: { event_subscriber: http_callback }\nmarathon_version: 1.4.14\n' }),
    ).toEqual([]);
    expect(codes({ variables: 'marathon_environment: { MARATHON_LOG_DIR: /x, JAVA_OPTS: -Xmx1g }\n' })).toEqual([
      'error unknown-flag',
    ]);
    expect(codes({ variables: 'marathon_http_callbacks: true\n' })).toEqual(['error unknown-flag']);
  });

  test('that take no value may have none', () => {
    expect(codes({ variables: 'marathon_options: { ha: "true" }\n' })).toEqual(['error flag-without-value']);
    expect(codes({ variables: 'marathon_options: { ha: "" }\n' })).toEqual([]);
  });
});

describe('versions', () => {
  test('a Marathon that needs a newer Mesos is refused', () => {
    const [finding] = findings({ variables: 'mesos_version: 1.0.4\nmarathon_version: 1.5.15\n' });
    expect(finding?.message).toBe('Marathon 1.5.15 needs Mesos 1.1.0 or later, and the masters are 1.0.4');
  });

  test('a Marathon too old to find new masters is refused', () => {
    expect(codes({ variables: 'mesos_version: 0.24.1\nmarathon_version: 0.10.1\n' })).toEqual([
      'error versions-do-not-fit',
    ]);
  });
});

describe('Bamboo', () => {
  test('needs the event stream from Marathon 1.5 on', () => {
    expect(codes({ variables: 'bamboo_use_event_stream: false\n' })).toEqual(['error bamboo-event-stream']);
    expect(codes({ variables: 'bamboo_version: 0.2.15\n' })).toEqual(['error bamboo-event-stream']);
    expect(codes({ variables: 'bamboo_version: 0.2.15\nmarathon_version: 1.4.14\n' })).toEqual([]);
  });

  test('needs the placeholder that the how-tos lost', () => {
    expect(codes({ variables: 'haproxy_validation_command: "haproxy -c -f "\n' })).toEqual(['error bamboo-validation']);
  });

  test('needs a znode without a trailing slash, and a login nobody knows', () => {
    expect(codes({ variables: 'bamboo_zookeeper_path: /bamboo/\n' })).toEqual(['error bamboo-znode']);
    expect(codes({ variables: 'haproxy_stats_user: admin\nhaproxy_stats_password: admin\n' })).toEqual([
      'error known-password',
    ]);
  });
});

describe('reconfig', () => {
  test('is not an option of zoo.cfg alone', () => {
    const [finding, ...others] = findings({ variables: 'zookeeper_options: { reconfigEnabled: true }\n' });
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'reconfig-option', span: { start: { line: 1 } } });
  });

  test('needs a password, and 3.5.3', () => {
    expect(codes({ variables: 'zookeeper_reconfig: true\nzookeeper_version: 3.4.14\n' })).toEqual([
      'error reconfig-password',
      'error reconfig-version',
    ]);
    expect(codes({ variables: 'zookeeper_reconfig: true\nzookeeper_super_password: x y\n' })).toEqual([]);
  });
});

describe('znodes', () => {
  test('of Mesos name something', () => {
    expect(codes({ variables: 'mesos_zookeeper_path: /\n' })).toEqual(['error mesos-znode']);
    expect(codes({ variables: 'mesos_zookeeper_path: /m\n' })).toEqual([]);
  });
});
