import { describe, expect, it } from 'vitest';
import { frameOf } from '../../../src/cli/status/frame.js';
import type { ClusterStatus, HostStatus, ZooKeeperRow } from '../../../src/stack/status/types.js';

const now = new Date('2026-11-21T05:00:00Z');

const row = (more: Partial<ZooKeeperRow> = {}): ZooKeeperRow => ({
  host: 'node1',
  component: 'zookeeper',
  image: {},
  version: { running: '3.8.0' },
  role: 'follower',
  uptimeSeconds: 100,
  health: { state: 'well', text: 'serves' },
  ...more,
});

const cluster = (host: HostStatus): ClusterStatus => ({ hosts: [host], verdicts: [], outcome: 'well' });
const asked = (more: Partial<ZooKeeperRow> = {}): ClusterStatus =>
  cluster({ kind: 'asked', host: 'node1', rows: [row(more)] });

function isNew(first: ClusterStatus, second: ClusterStatus): boolean | undefined {
  const frame = frameOf(second, { now, before: frameOf(first, { now }) });
  const [host] = frame.table.hosts;
  return host?.rows[0]?.isNew ?? host?.isNew;
}

describe('a frame after another', () => {
  it('marks nothing because time goes by', () => {
    expect(isNew(asked(), asked({ uptimeSeconds: 105 }))).toBeUndefined();
  });

  it('marks another role, another version and a restart', () => {
    expect(isNew(asked(), asked({ role: 'leader' }))).toBe(true);
    expect(isNew(asked(), asked({ version: { running: '3.9.3' } }))).toBe(true);
    expect(isNew(asked(), asked({ uptimeSeconds: 3 }))).toBe(true);
  });

  it('marks a host that is not reached any more, once', () => {
    const gone = cluster({ kind: 'unreachable', host: 'node1', reason: 'no route' });
    expect(isNew(asked(), gone)).toBe(true);
    expect(isNew(gone, gone)).toBeUndefined();
  });

  it('says how long ago a program was changed, by the clock it is given', () => {
    const { table } = frameOf(asked({ lastChange: { at: '2026-11-21T04:58:00Z', run: 'r1' } }), { now });
    expect(table.hosts[0]?.rows[0]?.changedSecondsAgo).toBe(120);
    expect(table.notes?.[0]?.sentence).toBe('2m ago, run r1: zookeeper on node1');
  });
});
