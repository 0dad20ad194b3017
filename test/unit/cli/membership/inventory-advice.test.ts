import { expect, test } from 'vitest';
import { inventoryAdvice } from '../../../../src/cli/membership/inventory-advice.js';
import type { Change } from '../../../../src/cli/membership/plan-change.js';
import type { MembershipPlan } from '../../../../src/stack/membership/types.js';
import { inventoryOf } from '../../inventory/load.js';

const text = `
zookeeper:
  hosts:
    node1: {}
    node2: {}
    node3: {}
    node4: {}
`;

const step = { kind: 'drain', component: 'mesos-slave', host: 'node1', why: 'any' } as const;

/** What is said after a change that left servers with these numbers. */
function advice(change: Change, ids: Readonly<Record<string, number>>): readonly string[] {
  const plan: MembershipPlan = { kind: 'steps', steps: [step], notes: [], ids: new Map(Object.entries(ids)) };
  return inventoryAdvice({
    cluster: {
      inventory: inventoryOf(text),
      variablesOf: (host) => ({ host, address: '10.0.0.1', groups: ['zookeeper'], read: () => undefined }),
    },
    change,
    planned: [{ component: 'zookeeper', plan }],
  });
}

test('servers that the inventory numbers as they are need no line in it', () => {
  const ids = { node1: 1, node2: 2, node3: 3, node4: 4 };
  expect(advice({ kind: 'scale-out', hosts: ['node4'] }, ids)[0]).toBe('\nDone. The inventory is right as it stands.');
});

test('a server that left renumbers those behind it, unless their numbers are written down', () => {
  const lines = advice({ kind: 'scale-in', hosts: ['node2'] }, { node1: 1, node3: 3, node4: 4 });
  expect(lines.slice(1, 4).map((line) => line.replace(/^ +\S+: /, ''))).toEqual([
    'take node2 out of the group zookeeper',
    'node3: zookeeper_myid: 3',
    'node4: zookeeper_myid: 4',
  ]);
  // The line of the group, not that of the host.
  expect(lines[1]).toMatch(/:2:1: take node2/);
});
