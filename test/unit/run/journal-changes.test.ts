import { describe, expect, it } from 'vitest';
import { changesIn } from '../../../src/run/journal-changes.js';

const line = (ref: object, outcome: object): string =>
  JSON.stringify({ kind: 'task-end', ref: { host: 'node1', ...ref }, outcome: { status: 'changed', ...outcome } });

describe('what a journal says was changed', () => {
  it('names each role and each container once for each host', () => {
    const text = [
      line({ role: 'zookeeper' }, {}),
      line({ role: 'zookeeper' }, {}),
      line({ role: 'zookeeper' }, { delegatedTo: 'node2' }),
      line({}, { result: { container: { name: 'mmaster' } } }),
      line({}, {}),
    ].join('\n');
    expect(changesIn(text)).toEqual([
      { host: 'node1', subject: 'zookeeper' },
      { host: 'node2', subject: 'zookeeper' },
      { host: 'node1', subject: 'mmaster' },
    ]);
  });

  it('passes over what was not changed, and a last line that was cut off', () => {
    const whole = line({ role: 'zookeeper' }, {});
    const ok = line({ role: 'marathon' }, { status: 'ok', result: { note: '"status":"changed"' } });
    expect(changesIn(`${ok}\n${whole.slice(0, -3)}`)).toEqual([]);
  });
});
