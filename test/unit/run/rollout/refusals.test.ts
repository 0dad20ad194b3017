import { describe, expect, test } from 'vitest';
import { BecomeError } from '../../../../src/transport/types.js';
import { refusalsOf, SimCluster, stepsOf, storeAt, storePlay, thenNext } from '../support/sim-cluster.js';

describe('a quorum that would break', () => {
  test('is refused with the arithmetic, and nothing is touched', async () => {
    const cluster = new SimCluster();
    Object.assign(cluster.of('h3'), { up: false });
    const lab = cluster.lab({ selection: { limit: ['h2'] } });
    const { result } = await lab.run(storeAt('2') + thenNext);
    expect(refusalsOf(lab)).toEqual([
      'Store: stepping h2 would leave 1 of 3 serving, 2 are needed: h3 is down (the connection is refused)',
    ]);
    expect(cluster.log).toEqual([]);
    expect(result).toBe('failed');
    expect(lab.shown).toEqual([]);
  });

  test('counts members that do not answer', async () => {
    const cluster = new SimCluster();
    const lab = cluster.lab({ down: ['h3'] });
    const { result } = await lab.run(storeAt('2'));
    expect(refusalsOf(lab)).toEqual([
      'Store: stepping h2 would leave 1 of 3 serving, 2 are needed: h3 is down (h3 refused the connection)',
    ]);
    expect(cluster.log).toEqual([]);
    expect(result).toBe('failed');
  });

  test('is not broken by the member that is down itself: its turn comes first', async () => {
    const cluster = new SimCluster();
    Object.assign(cluster.of('h3'), { up: false });
    const lab = cluster.lab();
    const { result } = await lab.run(storeAt('2'));
    expect(stepsOf(lab)).toEqual(['h3', 'h2', 'h1']);
    expect(result).toBe('done');
  });

  test('does not keep the only member from being changed', async () => {
    const cluster = new SimCluster(['h1']);
    const { result } = await cluster.lab().run(storeAt('2'));
    expect(cluster.log).toContain('h1 put 2');
    expect(result).toBe('done');
  });
});

test('a gate that is not well for another reason ends the rollout before its first step', async () => {
  const cluster = new SimCluster(['h1', 'h2', 'h3', 'h4', 'h5']);
  Object.assign(cluster.of('h5'), { up: false, version: '2' });
  const lab = cluster.lab();
  await lab.run(storeAt('2'));
  expect(refusalsOf(lab)).toEqual(['Store is not well: h5: it is healthy: the connection is refused']);
  expect(cluster.log).toEqual([]);
});

test('an ensemble that does not serve is refused, and brought up together only when told so', async () => {
  const cluster = new SimCluster(['h1', 'h2', 'h3'], { up: false, leads: false });
  const refused = cluster.lab();
  await refused.run(storeAt('2'));
  expect(refusalsOf(refused)[0]).toContain('Store does not serve: 0 of 3 members do, 2 are needed: h1 is down');
  expect(cluster.log).toEqual([]);
  cluster.onPut = () => cluster.elect('h1');
  const told = cluster.lab({ options: { rollout: { bringUp: true } } });
  const { result } = await told.run(storeAt('2'));
  expect(stepsOf(told)).toEqual(['h1+h2+h3']);
  expect(result).toBe('done');
});

test('a bring-up that was cut off goes on: what is not there yet is made together', async () => {
  const cluster = new SimCluster(['h1', 'h2', 'h3'], { present: false, up: false, leads: false, version: '' });
  Object.assign(cluster.of('h1'), { present: true, version: '1' });
  cluster.onPut = () => {
    cluster.of('h1').up = true;
    cluster.elect('h1');
  };
  const lab = cluster.lab();
  const { result } = await lab.run(storeAt('1'));
  expect(stepsOf(lab)).toEqual(['h2+h3']);
  expect(result).toBe('done');
});

test('a refused sudo is told in its own words', async () => {
  const cluster = new SimCluster();
  const lab = cluster.lab({
    answer: (asked) => {
      if (asked.text.includes('probe')) throw new BecomeError('password-missing', 'sudo asks for a password');
      return cluster.answer(asked);
    },
  });
  const { result } = await lab.run(storePlay + '\n  become: true\n  tasks: [{setting: {key: version, to: "2"}}]\n');
  expect(refusalsOf(lab)).toEqual(['Store cannot be asked on h1: sudo asks for a password']);
  expect(result).toBe('failed');
});
