import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startNetworkHost, type NetworkHost } from '../rig/network-host.js';
import { rounds } from '../rig/rounds.js';
import { until } from '../rig/until.js';
import { processesWith, siteOf, type Site } from './support/fault-host.js';

vi.setConfig({ testTimeout: 300_000 });

/** Once in the gate. */
const repeats = rounds({ inGate: 1, most: 5 }) - 1;

let hosts: readonly NetworkHost[];
let site: Site;

beforeAll(async () => {
  hosts = await Promise.all([startNetworkHost(), startNetworkHost()]);
  site = siteOf(
    hosts.map((host, index) => ({
      name: `h${String(index + 1)}`,
      address: host.address,
      rig: host,
      user: host.user.name,
    })),
  );
});

beforeEach(() => {
  for (const host of hosts) {
    writeFileSync(join(host.user.home, 'count'), '0\n');
    chmodSync(join(host.user.home, 'count'), 0o666);
  }
});

afterAll(async () => {
  site.remove();
  await Promise.all(hosts.map((host) => host.stop()));
});

/** Reads a number, and writes the next one a moment later: two at once would lose one. */
const counts = (pattern: string): string => `- hosts: ${pattern}
  facts: false
  tasks:
    - { name: count, shell: 'n=$(cat ~/count); sleep 0.3; echo $((n + 1)) > ~/count' }
`;

describe('F21: six runners on the same and on overlapping hosts, one of them killed', () => {
  it('lose no update, and the dead one holds nobody up for ever', { repeats }, async () => {
    site.folder.write('holds.yaml', '- hosts: h1\n  facts: false\n  tasks: [{ command: sleep 921.1 }]\n');
    const dead = site.run('apply', 'holds.yaml');
    await until(() => processesWith('sleep 921.1', hosts[0]?.user.name).length > 0);
    const done: Record<string, number> = { h1: 0, h2: 0 };
    let refusals = 0;
    const write = async (pattern: string, number: number): Promise<void> => {
      const name = `count${String(number)}.yaml`;
      site.folder.write(name, counts(pattern));
      for (let round = 0; round < 60; round += 1) {
        const { code, task, stdout, stderr } = await site.run('apply', '--output', 'json', name).ended;
        for (const [host, { status }] of Object.entries(task('count')))
          if (status === 'changed') done[host] = (done[host] ?? 0) + 1;
        if (code === 0) return;
        expect(code, `${pattern}: ${stdout}${stderr}`).toBe(5);
        refusals += 1;
        if (refusals === 3) dead.signal('SIGKILL');
      }
      throw new Error(`never had its turn: ${pattern}`);
    };
    await Promise.all(['h1', 'h2', 'h1:h2', 'h2:h1', 'all', 'h1'].map(write));
    expect((await dead.ended).signal).toBe('SIGKILL');
    // They really stood in each other's way.
    expect(refusals).toBeGreaterThan(3);
    const counted = hosts.map((host) => Number(readFileSync(join(host.user.home, 'count'), 'utf8')));
    expect(counted).toEqual([done['h1'], done['h2']]);
    expect(done['h1']).toBeGreaterThanOrEqual(5);
    expect(done['h2']).toBeGreaterThanOrEqual(4);
  });
});
