import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { addressOf, inventory, onHost, runner, type Said } from '../lab/harness.js';
import { figure, freshLab } from './harness.js';
import { startTraffic } from './traffic.js';
import { askByBash, leaderChanges, startWitness } from './witness.js';

/**
 * Who belongs to a ZooKeeper ensemble is changed on real hosts while a client writes: 3 → 5 → 3, and a dead server replaced.
 * One cluster, one change after the other.
 */
const minutes = 60_000;

type Groups = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;

const folder = mkdtempSync(join(tmpdir(), 'runner-membership-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const server = (host: string): string => `${addressOf(host)}:2181`;
const three = ['node1', 'node2', 'node3'];

/** The lab's hosts in groups of the test's own. */
function inventoryOf(groups: Groups): readonly string[] {
  const children = Object.fromEntries(Object.entries(groups).map(([name, hosts]) => [name, { hosts }]));
  const path = join(folder, 'groups.yaml');
  writeFileSync(path, stringify({ all: { children } }));
  return ['-i', inventory, '-i', path];
}

function numbered(...hosts: readonly string[]): Groups[string] {
  return Object.fromEntries(hosts.map((host, index) => [host, { zookeeper_myid: index + 1 }]));
}

function done(said: Said): string {
  expect(said.code, said.stdout + said.stderr).toBe(0);
  return said.stdout;
}

/** Mode of each server, asked by bash alone. */
function modes(hosts: readonly string[]): readonly string[] {
  return hosts.map((host) => /^Mode: (\w+)/m.exec(askByBash(server(host), 'srvr'))?.[1] ?? 'silent');
}

/** Changes members while a client writes and reads through the servers that stay; nothing acknowledged may be lost. */
async function underTraffic(name: string, stay: readonly string[], change: () => Promise<Said>): Promise<string> {
  const traffic = await startTraffic(stay.map(server));
  const witness = startWitness(stay.map(server));
  const said = await change();
  const samples = await witness.stop();
  const report = await traffic.stop();
  figure(`${name}: acknowledged writes`, report.acknowledged);
  figure(`${name}: lost writes`, report.lost.length);
  figure(`${name}: longest gap, ms`, Math.round(report.longestGap));
  figure(`${name}: leader changes`, leaderChanges(samples));
  expect(report.lost).toEqual([]);
  expect(report.wrong).toEqual([]);
  expect(report.acknowledged).toBeGreaterThan(100);
  return done(said);
}

beforeAll(async () => {
  await freshLab({ hosts: 6, images: ['zookeeper:3.8.0'] });
  done(await runner('apply', 'playbooks/zookeeper.yaml', '-i', inventory));
}, 6 * minutes);

it('ZooKeeper grows from three to five servers, one after the other', { timeout: 5 * minutes }, async () => {
  const five = [...three, 'node4', 'node5'];
  const where = inventoryOf({ zookeeper: { node4: {}, node5: {} } });
  const said = await underTraffic('ZooKeeper 3 to 5', three, () =>
    runner('scale-out', 'node4', 'node5', '--component', 'zookeeper', ...where, '--yes', '--output', 'plain'),
  );
  expect(said).toContain('node5: zookeeper_myid: 5');
  expect(modes(five).toSorted()).toEqual(['follower', 'follower', 'follower', 'follower', 'leader']);
  const leader = five[modes(five).indexOf('leader')] ?? '';
  expect(askByBash(server(leader), 'mntr')).toMatch(/^zk_synced_followers\t4(\.0)?$/m);
});

it('ZooKeeper shrinks from five to three servers', { timeout: 5 * minutes }, async () => {
  const where = inventoryOf({ zookeeper: numbered(...three, 'node4', 'node5') });
  const said = await underTraffic('ZooKeeper 5 to 3', three, () =>
    runner('scale-in', 'node4', 'node5', '--component', 'zookeeper', ...where, '--yes', '--output', 'plain'),
  );
  expect(said).toContain('take node5 out of the group zookeeper');
  expect(modes(three).toSorted()).toEqual(['follower', 'follower', 'leader']);
  expect(modes(['node4', 'node5'])).toEqual(['silent', 'silent']);
  const left = await onHost('node5', 'ls -d /data/zookeeper* && docker ps -aq --filter name=^/zookeeper$');
  expect(left).toMatch(/^\/data\/zookeeper\.left-\S+\n$/);
});

it('a dead ZooKeeper server is replaced under its number', { timeout: 4 * minutes }, async () => {
  await onHost('node3', 'docker update --restart=no zookeeper && docker kill zookeeper');
  const where = inventoryOf({ zookeeper: { ...numbered(...three), node6: {} } });
  await underTraffic('ZooKeeper replace', ['node1', 'node2'], () =>
    runner('replace', 'node3', 'node6', '--component', 'zookeeper', ...where, '--yes', '--output', 'plain'),
  );
  expect(modes(['node1', 'node2', 'node6']).toSorted()).toEqual(['follower', 'follower', 'leader']);
  expect((await onHost('node6', 'cat /data/zookeeper/data/myid')).trim()).toBe('3');
});
