import { describe, expect, it } from 'vitest';
import { withLastChange, type RecordedChange } from '../../../../src/stack/status/last-change.js';
import type { ZooKeeperRow } from '../../../../src/stack/status/types.js';

const row = (created?: string): ZooKeeperRow => ({
  host: 'node1',
  component: 'zookeeper',
  image: {},
  version: {},
  health: { state: 'well', text: 'serves' },
  container: {
    name: 'zk',
    image: 'zookeeper:3.8.0',
    state: 'running',
    exitCode: 0,
    restarts: 0,
    ...(created === undefined ? {} : { created }),
  },
});

const change: RecordedChange = {
  run: 'r2',
  by: 'ops@laptop',
  began: '2026-11-21T03:00:00.000Z',
  ended: '2026-11-21T03:05:00.000Z',
  host: 'node1',
  subject: 'zookeeper',
};

describe('who changed a program last', () => {
  it('is the newest run that changed it by its role, or by its container', () => {
    const older = { ...change, run: 'r1', ended: '2026-11-20T03:05:00.000Z' };
    expect(withLastChange(row(), [change, older]).lastChange).toEqual({
      at: '2026-11-21T03:05:00.000Z',
      run: 'r2',
      by: 'ops@laptop',
    });
    expect(withLastChange(row(), [{ ...change, subject: 'zk' }]).lastChange?.run).toBe('r2');
  });

  it('is nobody known where its container was made after the last run that is known', () => {
    const created = '2026-11-21T04:00:00.123456789Z';
    expect(withLastChange(row(created), [change]).lastChange).toEqual({ at: created });
  });

  it('is a run that was killed, when the container was made after that run had begun', () => {
    const { ended: _ended, ...killed } = change;
    const created = '2026-11-21T03:04:00Z';
    expect(withLastChange(row(created), [killed]).lastChange).toEqual({ at: created, run: 'r2', by: 'ops@laptop' });
  });

  it('is not a run that changed another host or another program', () => {
    const others = [
      { ...change, host: 'node2' },
      { ...change, subject: 'marathon' },
    ];
    expect(withLastChange(row(), others)).not.toHaveProperty('lastChange');
  });
});
