import { describe, expect, it } from 'vitest';
import { labInventory } from '../../../lab/src/hosts/inventory.js';

interface Group {
  readonly hosts: Readonly<Record<string, unknown>>;
}

function groupsOf(count: number): Readonly<Record<string, readonly string[]>> {
  const { all } = labInventory(0, count) as { all: { children: Readonly<Record<string, Group>> } };
  return Object.fromEntries(Object.entries(all.children).map(([name, group]) => [name, Object.keys(group.hosts)]));
}

describe('the inventory of a lab', () => {
  it('lets three of five hosts lead and the other two work and balance', () => {
    expect(groupsOf(5)).toEqual({
      zookeeper: ['node1', 'node2', 'node3'],
      mesos_master: ['node1', 'node2', 'node3'],
      marathon: ['node1', 'node2', 'node3'],
      mesos_slave: ['node4', 'node5'],
      bamboo: ['node4', 'node5'],
    });
  });

  it('makes agents of all further hosts and balancers of two', () => {
    const groups = groupsOf(8);
    expect(groups['mesos_slave']).toEqual(['node4', 'node5', 'node6', 'node7', 'node8']);
    expect(groups['bamboo']).toEqual(['node4', 'node5']);
  });

  it('shares hosts between leaders and agents when there are three', () => {
    const groups = groupsOf(3);
    expect(groups['zookeeper']).toEqual(['node1', 'node2', 'node3']);
    expect(groups['mesos_slave']).toEqual(['node1', 'node2', 'node3']);
  });

  it('never makes an ensemble of two', () => {
    for (const count of [1, 2]) expect(groupsOf(count)['zookeeper']).toEqual(['node1']);
  });

  it('checks host keys strictly and names each address', () => {
    const { all } = labInventory(1, 2) as {
      all: { vars: { ssh: { host_key: string } }; hosts: Readonly<Record<string, unknown>> };
    };
    expect(all.vars.ssh.host_key).toBe('strict');
    expect(all.hosts).toEqual({ node1: { ssh: { host: '198.18.0.43' } }, node2: { ssh: { host: '198.18.0.44' } } });
  });
});
