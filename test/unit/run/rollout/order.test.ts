import { expect, test } from 'vitest';
import { refusalsOf, SimCluster, stepsOf, storeAt } from '../support/sim-cluster.js';

test('an ensemble of which nothing is there is brought up on all hosts together', async () => {
  const cluster = new SimCluster(['h1', 'h2', 'h3'], { present: false, up: false, leads: false, version: '' });
  const lab = cluster.lab();
  const { result } = await lab.run(storeAt('1'));
  expect(result).toBe('done');
  expect(cluster.log).toEqual(['h1 put 1', 'h2 put 1', 'h3 put 1']);
  expect(stepsOf(lab)).toEqual([]);
});

test('where nothing differs nobody is stepped, and every member is asked once', async () => {
  const cluster = new SimCluster();
  const lab = cluster.lab();
  const { result } = await lab.run(storeAt('1'));
  expect(result).toBe('done');
  expect(cluster.log).toEqual([]);
  expect(Object.fromEntries(cluster.looks)).toEqual({ h1: 1, h2: 1, h3: 1 });
  expect(lab.outcomesOf('version')).toEqual({ h1: 'ok', h2: 'ok', h3: 'ok' });
});

test('members are stepped one by one, the leader last, with what they had kept until the gate holds', async () => {
  const cluster = new SimCluster();
  const lab = cluster.lab();
  const { result } = await lab.run(storeAt('2'));
  expect(result).toBe('done');
  expect(cluster.log).toEqual(
    ['h2', 'h3', 'h1'].flatMap((host) => [`${host} keep`, `${host} put 2`, `${host} forget`]),
  );
  const gates = lab.events.flatMap((event) =>
    event.kind === 'rollout-gate' && event.state === 'holds'
      ? [`${event.hosts.join()} ${event.good} of ${event.inARow}`]
      : [],
  );
  expect(gates).toEqual(['h2 3 of 3', 'h3 3 of 3', 'h1 3 of 3']);
});

test('hosts where nothing differs go first and are no steps', async () => {
  const cluster = new SimCluster();
  cluster.of('h2').version = '2';
  const lab = cluster.lab();
  await lab.run(storeAt('2'));
  expect(stepsOf(lab)).toEqual(['h3', 'h1']);
  expect(lab.outcomes[0]).toBe('h2: version → ok');
});

test('a leader that moves in the middle is still stepped last', async () => {
  const cluster = new SimCluster();
  cluster.onPut = (host) => {
    if (host === 'h2') cluster.elect('h3');
  };
  const lab = cluster.lab();
  await lab.run(storeAt('2'));
  expect(stepsOf(lab)).toEqual(['h2', 'h1', 'h3']);
});

test('a leader under election is waited for, not refused', async () => {
  const cluster = new SimCluster();
  let looks = 0;
  cluster.onLook = () => {
    looks++;
    // From the second to the fourth round nobody leads.
    if (looks === 4) for (const member of cluster.members.values()) member.leads = false;
    if (looks === 13) cluster.elect('h1');
  };
  const lab = cluster.lab();
  const { result } = await lab.run(storeAt('2'));
  expect(refusalsOf(lab)).toEqual([]);
  expect(result).toBe('done');
});
