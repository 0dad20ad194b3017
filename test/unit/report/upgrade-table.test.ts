import { describe, expect, it } from 'vitest';
import { createColors } from '../../../src/report/colors.js';
import { upgradeTableLines, type UpgradeRow } from '../../../src/report/upgrade-table.js';

const colors = createColors(false);
const zookeeper: UpgradeRow = {
  title: 'ZooKeeper',
  from: ['3.4.13'],
  to: '3.8.0',
  hosts: ['node2', 'node3', 'node1'],
  leader: 'node1',
  there: [],
  what: 'one at a time, the leader last; each must be in sync before the next',
  backup: 'snapshots, logs and zoo.cfg',
  effect: 'one election: 1 to 2 s without service',
};

describe('the table of an upgrade', () => {
  it('shows versions, hosts in their order and what each hop means', () => {
    expect(upgradeTableLines([zookeeper], { colors })).toEqual([
      '#  COMPONENT  VERSION         HOSTS',
      '1  ZooKeeper  3.4.13 → 3.8.0  node2, node3, node1 (leads)',
      '   how     one at a time, the leader last; each must be in sync before the next',
      '   backup  snapshots, logs and zoo.cfg',
      '   effect  one election: 1 to 2 s without service',
    ]);
  });

  it('says who is there already, and shows one version where only settings change', () => {
    const rows: readonly UpgradeRow[] = [
      { ...zookeeper, from: ['3.4.13'], hosts: ['node1'], there: ['node2', 'node3'] },
      { ...zookeeper, title: 'Bamboo', from: ['0.3.1'], to: '0.3.1' },
    ];
    const text = upgradeTableLines(rows, { colors }).join('\n');
    expect(text).toContain('node1 (leads) (there already: node2, node3)');
    expect(text).toMatch(/2 {2}Bamboo +0\.3\.1 +node2/);
  });

  it.each([80, 60])('stays within %d columns', (columns) => {
    const hosts = Array.from({ length: 12 }, (_, index) => `a-long-name-of-a-host-${index}`);
    const lines = upgradeTableLines([{ ...zookeeper, hosts }], { colors, columns });
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(lines.join(' ').replaceAll(/\s+/g, ' ')).toContain(hosts.join(', '));
  });

  it('shows what a host says as text, not to the terminal', () => {
    const lines = upgradeTableLines([{ ...zookeeper, from: ['3.4\u001B[31m'] }], { colors });
    expect(lines.join('')).not.toContain('\u001B');
  });
});
