import { describe, expect, test } from 'vitest';
import { beginRefusal } from '../../../src/rollout/begin.js';
import { changedIdentities, unmetAfter } from '../../../src/rollout/gate.js';
import { impossibleBudget } from '../../../src/rollout/quorum.js';
import { isNotThere } from '../../../src/rollout/standing.js';
import { allWell, down, member, observed, three } from './support.js';

const unsynced = { condition: '2 followers are synced', said: 'the leader counts 1' };

describe('the gate after a step', () => {
  test('holds when all conditions do', () => {
    expect(unmetAfter({ before: allWell, observation: allWell, stepped: ['node2'], pending: ['node1'] })).toEqual([]);
  });

  test('asks of the stepped member itself that it serves', () => {
    const observation = { ...observed(member('node1'), down('node2'), member('node3')), unmet: [] };
    expect(unmetAfter({ before: allWell, observation, stepped: ['node2'], pending: [] })).toEqual([
      { host: 'node2', condition: 'it serves', said: 'the connection is refused' },
    ]);
  });

  test('does not wait for members that are still to be stepped', () => {
    const observation = observed(member('node1'), member('node2'), down('node3'));
    const withSync = { ...observation, unmet: [...observation.unmet, unsynced] };
    expect(unmetAfter({ before: observation, observation: withSync, stepped: ['node2'], pending: ['node3'] })).toEqual(
      [],
    );
    expect(
      unmetAfter({ before: observation, observation: withSync, stepped: ['node2'], pending: ['node1'] }),
    ).toHaveLength(2);
    // Who was stopped on purpose is no excuse for the others.
    const stopped = { pending: ['node3'], stopped: ['node3'] };
    expect(unmetAfter({ before: observation, observation: withSync, stepped: ['node2'], ...stopped })).toHaveLength(1);
  });

  test('waits for a member still to be stepped that went down since the beginning', () => {
    const observation = observed(member('node1'), member('node2'), down('node3'));
    const withSync = { ...observation, unmet: [...observation.unmet, unsynced] };
    const request = { before: allWell, observation: withSync, stepped: ['node2'], pending: ['node1', 'node3'] };
    expect(unmetAfter(request)).toEqual([...observation.unmet, unsynced]);
    // One that this rollout stopped on purpose went nowhere by itself.
    expect(unmetAfter({ ...request, stopped: ['node3'] })).toEqual([unsynced]);
  });

  test('ends at once for a member that is somebody else', () => {
    const before = observed(member('node1', { identity: '1' }), member('node2', { identity: '2' }));
    const now = observed(member('node1', { identity: '1' }), member('node2', { identity: '7' }));
    expect(changedIdentities(before, now)).toEqual([
      { host: 'node2', condition: 'its identity is still 2', said: 'it is now 7' },
    ]);
    expect(changedIdentities(observed(member('node2')), now)).toEqual([]);
  });
});

describe('before the first step', () => {
  test('a follower that is down refuses, unless it is the one to be stepped', () => {
    const observation = observed(member('node1'), member('node2'), down('node3'));
    expect(beginRefusal(three, { before: observation, observation, pending: ['node2'] })?.message).toBe(
      'ZooKeeper is not well: node3: it serves: the connection is refused',
    );
    expect(beginRefusal(three, { before: observation, observation, pending: ['node2', 'node3'] })).toBeUndefined();
  });

  test('a member that went down since the beginning refuses, although its step is still to come', () => {
    const observation = observed(member('node1'), member('node2'), down('node3'));
    const refusal = beginRefusal(three, { before: allWell, observation, pending: ['node1', 'node3'] });
    expect(refusal?.message).toBe('ZooKeeper is not well: node3: it serves: the connection is refused');
    expect(refusal?.hint).toContain('it served when the rollout began');
  });

  test('a condition of the whole refuses', () => {
    const observation = { ...allWell, unmet: [unsynced] };
    expect(beginRefusal(three, { before: allWell, observation, pending: ['node2'] })?.message).toBe(
      'ZooKeeper is not well: 2 followers are synced: the leader counts 1',
    );
  });

  test('nothing there is only what answered and has nothing', () => {
    const nothing = (host: string): ReturnType<typeof member> => member(host, { present: false, healthy: false });
    const observation = observed(nothing('node1'), nothing('node2'), down('node3'));
    expect(isNotThere(observation, new Set(['node1', 'node2']))).toBe(true);
    expect(isNotThere(observation, new Set(['node1', 'node2', 'node3']))).toBe(false);
    expect(isNotThere(observation, new Set())).toBe(false);
  });
});

test('a budget that could never be kept is told with its arithmetic', () => {
  expect(impossibleBudget(three, 1)).toBeUndefined();
  expect(impossibleBudget(three, 2)).toBe('with 2 of 3 members away 1 would be left, and ZooKeeper needs 2');
});
