import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { addressOf, eventually, onHost, runner, type Said } from '../lab/harness.js';
import { figure, freshStory, type Story } from './harness.js';
import { startTraffic } from './traffic.js';
import { askByBash, leaderChanges, startWitness } from './witness.js';

/**
 * Who belongs to a ZooKeeper ensemble is changed on real hosts while a client writes: 3 → 5 → 4 → 3, and a dead server replaced.
 * One ensemble, one change after the other.
 */
const minutes = 60_000;

type Groups = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;

const folder = mkdtempSync(join(tmpdir(), 'runner-membership-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const server = (host: string): string => `${addressOf(host)}:2181`;
const three = ['node6', 'node7', 'node8'] as const;
const [first, second, dead] = three;
const [fourth, fifth] = ['node9', 'node10'] as const;
/** It has left by the time it is wanted again. */
const sixth = fifth;
let story: Story;

/** The lab's hosts in groups of the test's own. */
function inventoryOf(groups: Groups): readonly string[] {
  const children = Object.fromEntries(Object.entries(groups).map(([name, hosts]) => [name, { hosts }]));
  const path = join(folder, 'groups.yaml');
  writeFileSync(path, stringify({ all: { children } }));
  return ['-i', story.inventory, '-i', path];
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

/** Tells how the ensemble that runs on three hosts changes; nothing of it is made anew but the hosts that join. */
export function membershipTests(variables: Readonly<Record<string, string | number>>): void {
  beforeAll(async () => {
    story = await freshStory({
      name: 'membership',
      groups: { zookeeper: three, spare: [fourth, fifth] },
      fresh: [fourth, fifth],
      images: [],
      variables,
    });
  }, 6 * minutes);

  it('ZooKeeper grows from three to five servers, one after the other', { timeout: 5 * minutes }, async () => {
    const five = [...three, fourth, fifth];
    const where = inventoryOf({ zookeeper: { [fourth]: {}, [fifth]: {} } });
    const said = await underTraffic('ZooKeeper 3 to 5', three, () =>
      runner('scale-out', fourth, fifth, '--component', 'zookeeper', ...where, '--yes', '--output', 'plain'),
    );
    expect(said).toContain('The inventory is right as it stands.');
    expect(modes(five).toSorted()).toEqual(['follower', 'follower', 'follower', 'follower', 'leader']);
    const leader = five[modes(five).indexOf('leader')] ?? '';
    expect(askByBash(server(leader), 'mntr')).toMatch(/^zk_synced_followers\t4(\.0)?$/m);
  });

  it(
    'an upgrade of four of which two are down is refused as the even split it is',
    { timeout: 4 * minutes },
    async () => {
      const five = inventoryOf({ zookeeper: numbered(...three, fourth, fifth) });
      const smaller = ['--component', 'zookeeper', '--force', '--yes', '--output', 'plain'];
      done(await runner('scale-in', fifth, ...five, ...smaller));
      const four = inventoryOf({ zookeeper: numbered(...three, fourth) });
      for (const host of [first, fourth]) await onHost(host, 'docker stop zookeeper');
      const said = await runner('upgrade', 'zookeeper=3.9.4', ...four, '--yes', '--output', 'plain');
      for (const host of [first, fourth]) await onHost(host, 'docker start zookeeper');
      expect(said.code, said.stdout + said.stderr).toBe(1);
      // The half that is left may not have noticed yet that it is none.
      expect(said.stderr).toMatch(/[02] of 4 serve, 3 are needed; 2 servers of 4 are an even split/);
      expect(said.stderr).toContain('and neither half is a majority');
      expect(said.stderr).toContain('Nothing was touched.');
      await eventually('all four serve again', 60, () =>
        Promise.resolve(modes([...three, fourth]).includes('silent') ? undefined : true),
      );
    },
  );

  it('ZooKeeper shrinks from four to three servers', { timeout: 5 * minutes }, async () => {
    const where = inventoryOf({ zookeeper: numbered(...three, fourth) });
    const said = await underTraffic('ZooKeeper 4 to 3', three, () =>
      runner('scale-in', fourth, '--component', 'zookeeper', ...where, '--yes', '--output', 'plain'),
    );
    expect(said).toContain(`take ${fourth} out of the group zookeeper`);
    expect(modes(three).toSorted()).toEqual(['follower', 'follower', 'leader']);
    expect(modes([fourth, fifth])).toEqual(['silent', 'silent']);
    const left = await onHost(fourth, 'ls -d /data/zookeeper* && docker ps -aq --filter name=^/zookeeper$');
    expect(left).toMatch(/^\/data\/zookeeper\.left-\S+\n$/);
  });

  it('a dead ZooKeeper server is replaced under its number', { timeout: 4 * minutes }, async () => {
    await onHost(dead, 'docker update --restart=no zookeeper && docker kill zookeeper');
    const where = inventoryOf({ zookeeper: { ...numbered(...three), [sixth]: {} } });
    await underTraffic('ZooKeeper replace', [first, second], () =>
      runner('replace', dead, sixth, '--component', 'zookeeper', ...where, '--yes', '--output', 'plain'),
    );
    expect(modes([first, second, sixth]).toSorted()).toEqual(['follower', 'follower', 'leader']);
    expect((await onHost(sixth, 'cat /data/zookeeper/data/myid')).trim()).toBe('3');
  });
}
