import { describe, expect, test } from 'vitest';
import { SimCluster, stepsOf, storeAt } from '../support/sim-cluster.js';

describe('what the user wishes', () => {
  test('a pause is asked before every step but the first', async () => {
    const cluster = new SimCluster();
    const asked: string[] = [];
    const pause = async (question: string): Promise<boolean> => {
      asked.push(question);
      return asked.length < 2;
    };
    const lab = cluster.lab({ options: { rollout: { pause } } });
    const { result } = await lab.run(storeAt('2'));
    expect(asked).toEqual(['Store: 3 of 3 serve. Go on with h3?', 'Store: 3 of 3 serve. Go on with h1?']);
    expect(cluster.log).toEqual(['h2 keep', 'h2 put 2', 'h2 forget', 'h3 keep', 'h3 put 2', 'h3 forget']);
    expect(result).toBe('failed');
  });

  test('a canary whose gate breaks while it soaks is rolled back', async () => {
    const cluster = new SimCluster();
    cluster.onLook = (host, member) => {
      if (host === 'h2' && lab.clock.now() > 30_000 && member.version === '2') member.up = false;
    };
    const lab = cluster.lab({ options: { rollout: { canary: 1, soakSeconds: 60 } } });
    const { result } = await lab.run(storeAt('2'));
    expect(cluster.log).toEqual(['h2 keep', 'h2 put 2', 'h2 roll back']);
    expect(result).toBe('failed');
  });

  test('a canary that holds is forgotten, and the others follow', async () => {
    const cluster = new SimCluster();
    const lab = cluster.lab({ options: { rollout: { canary: 1, soakSeconds: 60 } } });
    const { result } = await lab.run(storeAt('2'));
    expect(result).toBe('done');
    expect(cluster.log.slice(0, 4)).toEqual(['h2 keep', 'h2 put 2', 'h2 forget', 'h3 keep']);
    expect(lab.clock.now()).toBeGreaterThan(60_000);
  });
});

test('max_unavailable lets so many go at once, never past the quorum and never with the leader', async () => {
  const cluster = new SimCluster(['h1', 'h2', 'h3', 'h4', 'h5']);
  const lab = cluster.lab();
  await lab.run(storeAt('2').replace('kind: generic', 'kind: generic\n    max_unavailable: 2'));
  expect(stepsOf(lab)).toEqual(['h2+h3', 'h4+h5', 'h1']);
});
