import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lab, runner } from '../lab/harness.js';
import { bringUp, expectCleanHop, underTraffic, upgradeArguments, youngMembers } from './zookeeper-story.js';

const minutes = 60_000;

describe('one hop of a live ZooKeeper, the proof in brief', () => {
  beforeAll(async () => {
    const hosts = ['node1', 'node2', 'node3'];
    await bringUp('3.4.13', { hosts, images: ['zookeeper:3.4.13', 'zookeeper:3.8.0'], labSize: 3 });
  }, 8 * minutes);

  // The demo would go on with the three hosts it finds.
  afterAll(() => lab('down'), 2 * minutes);

  it(
    'goes from a young 3.4.13 to 3.8.0 with one election and without losing a write',
    async () => {
      expect((await youngMembers()).length).toBeGreaterThan(0);
      const rolled = await underTraffic('3.4.13 → 3.8.0 (short)', () => runner(...upgradeArguments('3.8.0', '--yes')));
      await expectCleanHop(rolled, '3.8.0');
      expect(await youngMembers()).toEqual([]);
    },
    8 * minutes,
  );
});
