import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startNetworkHost, type NetworkHost } from '../rig/network-host.js';
import { startStopwatch } from '../rig/stopwatch.js';
import { until } from '../rig/until.js';
import { processesWith, siteOf, startFaultHost, type FaultHost, type Site } from './support/fault-host.js';

let first: FaultHost;
let other: NetworkHost;
let both: Site;

beforeAll(async () => {
  first = await startFaultHost();
  other = await startNetworkHost();
  const { host } = first;
  both = siteOf([
    { name: 'h1', address: host.address, rig: host, user: host.user.name },
    { name: 'h2', address: other.address, rig: other, user: other.user.name },
  ]);
});

beforeEach(() => {
  first.freeLock();
});

afterAll(async () => {
  first.host.heal();
  both.remove();
  await Promise.all([first.stop(), other.stop()]);
});

const playbook = (mark: string): string => `- hosts: web
  facts: false
  tasks:
    - name: Long
      shell: "sleep ${mark}; echo x >> ~/ran"
    - name: After
      command: "true"
`;

describe('F5: the network becomes a black hole in the middle of a task', () => {
  it('is no fault at all when it heals after 5 s', async () => {
    const run = first.apply(
      playbook('1.705').replace('sleep', 'for i in 1 2 3 4 5; do echo $i; sleep 1.705; done; sleep'),
    );
    await until(() => processesWith('sleep 1.705', first.host.user.name).length > 0);
    first.host.cut();
    const at = performance.now();
    await until(() => performance.now() - at > 5000 && first.host.dropped() > 0);
    const dropped = first.host.dropped();
    first.host.heal();
    expect(dropped).toBeGreaterThan(0);
    const { code, task } = await run.ended;
    expect([code, task('Long')['h1']?.status]).toEqual([0, 'changed']);
    expect(task('Long')['h1']?.result).toMatchObject({ stdout: '1\n2\n3\n4\n5' });
    expect(readFileSync(join(first.host.user.home, 'ran'), 'utf8')).toBe('x\n');
  });

  it('is noticed within 30 s by default, is unreachable, and does not hold other hosts up', async () => {
    const run = both.apply(playbook('40.705'), '-f', '5');
    await until(() => [first.host, other].every(({ user }) => processesWith('sleep 40.705', user.name).length > 0));
    first.host.cut();
    const watch = startStopwatch();
    await until(() => run.stdout().includes('"status":"unreachable"'), 60_000);
    expect(watch.milliseconds()).toBeLessThan(31_000);
    expect(first.host.dropped()).toBeGreaterThan(0);
    const { code, task } = await run.ended;
    expect(code).toBe(3);
    expect(task('Long')['h1']?.message).toContain('stopped answering');
    expect([task('Long')['h2']?.status, task('After')['h2']?.status]).toEqual(['changed', 'changed']);
    expect(task('After')['h1']).toBeUndefined();
    first.host.heal();
  });
});
