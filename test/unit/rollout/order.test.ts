import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextStep, usualNext } from '../../../src/rollout/order.js';
import { expectedOrder } from '../../../src/rollout/expected-order.js';
import type { Ensemble } from '../../../src/rollout/types.js';
import { allWell, down, member, observed, progress, three } from './support.js';

test('followers come first and the leader last', () => {
  expect(usualNext(three, progress(allWell))).toMatchObject({ kind: 'apply', hosts: ['node2'] });
  expect(usualNext(three, progress(allWell, { pending: ['node1'] }))).toMatchObject({
    hosts: ['node1'],
    why: 'leads, comes last',
  });
});

test('a member that is down comes before all others', () => {
  const observation = observed(member('node1'), member('node2'), down('node3'));
  expect(usualNext(three, progress(observation))).toMatchObject({ hosts: ['node3'], why: 'down already' });
});

test('hosts that are no members come first of all', () => {
  expect(usualNext(three, progress(allWell, { pending: ['node2', 'desk'] }))).toMatchObject({ hosts: ['desk'] });
});

test('nothing is left: it is done', () => {
  expect(nextStep(three, progress(allWell, { pending: [] }))).toEqual({ kind: 'done' });
});

test('a step that would break the quorum is refused with the arithmetic', () => {
  const observation = observed(member('node1'), member('node2'), down('node3'));
  expect(nextStep(three, progress(observation, { pending: ['node2'] }))).toEqual({
    kind: 'refuse',
    refusal: {
      host: 'node2',
      message:
        'ZooKeeper: stepping node2 would leave 1 of 3 serving, 2 are needed: node3 is down (the connection is refused)',
      hint: 'bring back what is down first',
    },
  });
});

test('two members cannot miss one, and that is said', () => {
  const two = { ...three, members: ['node1', 'node2'] };
  const observation = observed(member('node1'), member('node2'));
  expect(nextStep(two, progress(observation))).toMatchObject({
    refusal: { hint: 'two members cannot miss one: an ensemble of three can' },
  });
});

test("a kind's own order is kept to the arithmetic too", () => {
  const greedy: Ensemble = { ...three, next: ({ pending }) => ({ kind: 'apply', hosts: pending, why: 'all at once' }) };
  expect(nextStep(greedy, progress(allWell))).toMatchObject({ kind: 'refuse' });
});

test('the expected order plays a hand-over through', () => {
  const handOver: Ensemble = {
    ...three,
    quorum: 1,
    next: ({ pending, stopped, observation }) => {
      const standby = observation.members.find(
        ({ host, leads }) => !leads && pending.includes(host) && !stopped.includes(host),
      );
      if (standby && stopped.length === 0) return { kind: 'stop', host: standby.host, why: 'hands over' };
      const [host] = standby ? [standby.host] : pending;
      return host === undefined ? { kind: 'done' } : { kind: 'apply', hosts: [host], why: 'next' };
    },
  };
  const { steps } = expectedOrder(handOver, progress(allWell));
  expect(steps.map((step) => [step.kind, step.kind === 'apply' ? step.hosts[0] : step.host])).toEqual([
    ['stop', 'node2'],
    ['apply', 'node3'],
    ['apply', 'node1'],
    ['apply', 'node2'],
  ]);
});

test('whoever is down, whoever leads and however many may go: the quorum is never broken, and a leader never goes with another', () => {
  const state = fc.record({ healthy: fc.boolean(), present: fc.boolean(), pending: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(state, { minLength: 2, maxLength: 9 }),
      fc.nat({ max: 8 }),
      fc.integer({ min: 1, max: 4 }),
      (states, leading, maxUnavailable) => {
        const members = states.map(({ healthy, present }, index) =>
          member(`node${index}`, {
            healthy: healthy && present,
            present,
            leads: healthy && present && index === leading,
          }),
        );
        const hosts = members.map(({ host }) => host);
        const ensemble = { ...three, members: hosts, quorum: Math.floor(hosts.length / 2) + 1 };
        const pending = hosts.filter((_host, index) => states[index]?.pending);
        const step = nextStep(ensemble, progress(observed(...members), { pending, maxUnavailable }));
        if (step.kind !== 'apply') return;
        const serving = members.filter(({ healthy }) => healthy);
        const leaving = serving.filter(({ host }) => step.hosts.includes(host));
        expect(leaving.length === 0 || serving.length - leaving.length >= ensemble.quorum).toBe(true);
        expect(leaving.some(({ leads }) => leads) && leaving.length > 1).toBe(false);
      },
    ),
  );
});
