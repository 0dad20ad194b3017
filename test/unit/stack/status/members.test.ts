import { describe, expect, it } from 'vitest';
import { membersOf } from '../../../../src/stack/status/members.js';
import type { Value } from '../../../../src/template/value.js';

function membersWith(
  variables: Readonly<Record<string, Value>>,
  groups: readonly string[],
): ReturnType<typeof membersOf> {
  return membersOf({ host: 'node1', address: '10.0.0.1', groups, read: (name) => variables[name] });
}

describe('what a host runs', () => {
  it('follows from its groups, with the ports and container names of the roles', () => {
    const found = membersWith({}, ['zookeeper', 'mesos_master', 'mesos_slave', 'marathon', 'bamboo', 'web']);
    expect(found.map(({ component, endpoint, container }) => [component, endpoint, container])).toEqual([
      ['zookeeper', '10.0.0.1:2181', 'zookeeper'],
      ['mesos-master', '10.0.0.1:5050', 'mmaster'],
      ['mesos-slave', '10.0.0.1:5051', 'mslave'],
      ['marathon', '10.0.0.1:8080', 'marathon'],
      ['bamboo', '10.0.0.1:8000', 'bamboo'],
    ]);
    expect(found.at(-1)?.haproxy).toBe('10.0.0.1:80');
  });

  it('takes group, address, port, container, image and version from the variables', () => {
    const variables = {
      zookeeper_group: 'quorum',
      node_address: '192.0.2.7',
      zookeeper_client_port: 2182,
      zookeeper_container: 'zk',
      zookeeper_image: 'zookeeper:3.9.3',
      zookeeper_version: '3.9.3',
    };
    expect(membersWith(variables, ['quorum'])).toEqual([
      {
        host: 'node1',
        component: 'zookeeper',
        endpoint: '192.0.2.7:2182',
        container: 'zk',
        wantedImage: 'zookeeper:3.9.3',
        wantedVersion: '3.9.3',
      },
    ]);
    expect(membersWith(variables, ['zookeeper'])).toEqual([]);
  });

  it('lets a component have an address of its own', () => {
    const found = membersWith({ node_address: '192.0.2.7', mesos_address: '192.0.2.8' }, ['zookeeper', 'mesos_master']);
    expect(found.map(({ endpoint }) => endpoint)).toEqual(['192.0.2.7:2181', '192.0.2.8:5050']);
  });
});
