import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hostsOf, inventoryOf, variablesOf } from './load.js';

describe('the example inventory', () => {
  const inventory = inventoryOf(readFileSync(new URL('../../../inventory.example.yaml', import.meta.url), 'utf8'));

  it('is right, and its groups are those the playbooks name', () => {
    expect(
      Object.fromEntries(
        ['zookeeper', 'mesos_master', 'marathon', 'mesos_slave', 'bamboo'].map((group) => [
          group,
          hostsOf(inventory, group),
        ]),
      ),
    ).toEqual({
      zookeeper: ['node1', 'node2', 'node3'],
      mesos_master: ['node1', 'node2', 'node3'],
      marathon: ['node1', 'node2', 'node3'],
      mesos_slave: ['node4', 'node5'],
      bamboo: ['node4', 'node5'],
    });
  });

  it('uses addresses set aside for documentation, and gives every ZooKeeper server a number of its own', () => {
    const servers = ['node1', 'node2', 'node3'].map((host) => variablesOf(inventory, host));
    expect(servers.map((server) => server['ssh'])).toEqual(
      [11, 12, 13].map((last) => ({
        user: 'ops',
        key: '~/.ssh/id_ed25519',
        host_key: 'strict',
        host: `192.0.2.${last}`,
      })),
    );
    expect(servers.map((server) => server['zookeeper_myid'])).toEqual([1, 2, 3]);
  });
});
