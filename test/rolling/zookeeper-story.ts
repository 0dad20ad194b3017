import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { addressOf, eventually, onHost, root, runner, type Said } from '../lab/harness.js';
import { figure, freshStory, type Story } from './harness.js';
import { startTraffic, type TrafficReport } from './traffic.js';
import { askByBash, leaderChanges, startWitness, type Sample } from './witness.js';

let story: Story | undefined;

function inventoryFile(): string {
  if (story === undefined) throw new Error('nothing is brought up yet');
  return story.inventory;
}

/** `runner upgrade zookeeper=…`, as a user types it. */
export function upgradeArguments(version: string, ...flags: readonly string[]): readonly string[] {
  return ['upgrade', `zookeeper=${version}`, '-i', inventoryFile(), '--output', 'plain', ...flags];
}

/** Applies the playbook with changed variables: what an upgrade has saved stays. */
export function changeArguments(variables: Readonly<Record<string, number>>): readonly string[] {
  return ['apply', '-i', inventoryFile(), 'playbooks/zookeeper.yaml', '-e', JSON.stringify(variables)];
}

export function savedVersion(): string | undefined {
  return /zookeeper_version: *(\S+)/.exec(readFileSync(join(root, inventoryFile()), 'utf8'))?.[1];
}

/** An ensemble of a version on fresh hosts. */
export async function bringUp(
  version: string,
  on: { readonly hosts: readonly string[]; readonly images: readonly string[]; readonly labSize?: number },
): Promise<void> {
  const { hosts, ...rest } = on;
  const groups = { zookeeper: hosts };
  story = await freshStory({ name: 'zookeeper', groups, variables: { zookeeper_version: version }, ...rest });
  const said = await runner('apply', '-i', inventoryFile(), 'playbooks/zookeeper.yaml');
  expect(`${said.stdout}${said.stderr}`.slice(-3000)).toContain('Done:');
  expect(said.code).toBe(0);
}

export const members = (): readonly string[] => story?.hosts ?? [];
export const serverOf = (host: string): string => `${addressOf(host)}:2181`;
export const servers = (): readonly string[] => members().map(serverOf);

/** Who leads, as bash hears it from the servers themselves; a machine that is busy may let an answer wait. */
export function leaderNow(): Promise<string> {
  return eventually('one member leads', 20, async () => {
    const leaders = members().filter((host) => /^Mode: leader/m.test(askByBash(serverOf(host), 'srvr')));
    if (leaders.length !== 1) throw new Error(`${leaders.length} members lead`);
    return Promise.resolve(leaders[0]);
  });
}

export function versionOn(host: string): string | undefined {
  return /^Zookeeper version: ([\d.]+)/m.exec(askByBash(serverOf(host), 'srvr'))?.[1];
}

/** The upper half of the leader's zxid: one more with every election. */
export function epochNow(): Promise<number> {
  return eventually('the leader tells its epoch', 20, async () => {
    const zxid = /^Zxid: (0x[0-9a-f]+)/m.exec(askByBash(serverOf(await leaderNow()), 'srvr'))?.[1];
    return zxid === undefined ? undefined : Number(BigInt(zxid) >> 32n);
  });
}

export interface Rolled {
  readonly said: Said;
  readonly report: TrafficReport;
  readonly samples: readonly Sample[];
  /** Elections, by the epoch. */
  readonly elections: number;
  readonly leaderChanges: number;
}

/** Does something while a client writes and reads and bash watches; prints what came of it. */
export async function underTraffic(name: string, work: () => Promise<Said>): Promise<Rolled> {
  const before = await epochNow();
  const witness = startWitness(servers());
  const traffic = await startTraffic(servers());
  const started = Date.now();
  const said = await work().finally(() => undefined);
  const seconds = Math.round((Date.now() - started) / 1000);
  const report = await traffic.stop();
  const samples = await witness.stop();
  const rolled = {
    said,
    report,
    samples,
    elections: (await epochNow()) - before,
    leaderChanges: leaderChanges(samples),
  };
  figure(
    name,
    `${seconds} s; ${report.acknowledged} writes acknowledged, ${report.lost.length} lost, ${report.readBack} read back at once, ` +
      `longest gap ${report.longestGap} ms, without service ${report.withoutService} ms, ${rolled.elections} elections, ${rolled.leaderChanges} changes of the leader`,
  );
  return rolled;
}

/** No acknowledged write is lost or altered. */
export function expectNothingLost({ report }: Rolled): void {
  expect(report.lost).toEqual([]);
  expect(report.wrong).toEqual([]);
  expect(report.acknowledged).toBeGreaterThan(20);
  expect(report.readBack).toBeGreaterThan(5);
}

/** What one hop to another version must be. An election takes a few seconds on a machine that is busy. */
export async function expectCleanHop(rolled: Rolled, version: string): Promise<void> {
  expect(rolled.said.code, rolled.said.stdout.slice(-3000) + rolled.said.stderr).toBe(0);
  expectNothingLost(rolled);
  expect(rolled.elections).toBe(1);
  expect(rolled.leaderChanges).toBe(1);
  expect(rolled.report.longestGap).toBeLessThan(electionMilliseconds);
  expect(members().map(versionOn)).toEqual(members().map(() => version));
  const monitor = askByBash(serverOf(await leaderNow()), 'mntr');
  expect(monitor).toMatch(/^zk_synced_followers\t2(\.0)?$/m);
  expect(monitor).toMatch(/^zk_pending_syncs\t0(\.0)?$/m);
  for (const host of members()) expect(await leftOn(host)).toBe('zookeeper\n');
}

export const electionMilliseconds = 8000;

/** Containers of a host, one a line, and what a step has kept there. */
export function leftOn(host: string): Promise<string> {
  return onHost(host, `docker ps -a --format '{{.Names}}'; ls /var/lib/runner/kept 2>/dev/null || true`);
}

export async function containerId(host: string): Promise<string> {
  return (await onHost(host, `docker inspect --format '{{.Id}} {{.State.Running}}' zookeeper`)).trim();
}

/** The members whose data is a log without a snapshot, as a young 3.4 leaves it. */
export async function youngMembers(): Promise<readonly string[]> {
  const young = await Promise.all(
    members().map(async (host) => {
      const files = await onHost(host, 'ls /data/zookeeper/data/version-2 /data/zookeeper/datalog/version-2');
      return /^log\./m.test(files) && !/^snapshot\./m.test(files);
    }),
  );
  return members().filter((_host, index) => young[index]);
}
