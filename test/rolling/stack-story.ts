import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import {
  addressOf,
  eventually,
  http,
  onHost as sshOnce,
  registryAddress,
  root,
  runner,
  type Said,
} from '../lab/harness.js';
import { startAppTraffic, type AppTrafficReport } from './app-traffic.js';
import { figure, freshStory, type Story } from './harness.js';

/** What the user's own file says at first; upgrades with `--save` change it. */
const old = {
  mesos_version: '1.4.1',
  marathon_version: '1.4.14',
  bamboo_version: '0.2.20',
  bamboo_use_event_stream: true,
};

const images = [
  'zookeeper:3.8.0',
  'mesos-master:1.4.1',
  'mesos-master:1.9.0',
  'mesos-slave:1.4.1',
  'mesos-slave:1.9.0',
  'marathon:1.4.14',
  'marathon:1.5.15',
  'marathon:1.6.549',
  'bamboo:0.2.20',
  'bamboo:0.3.1',
  'hello:1',
];

type Variables = Readonly<Record<string, string | number | boolean>>;

const scratch = mkdtempSync(join(tmpdir(), 'runner-rolling-'));

let story: Story | undefined;
let before: Identities | undefined;

function storyNow(): Story {
  if (story === undefined) throw new Error('nothing is brought up yet');
  return story;
}

export const inventories = (): readonly string[] => ['-i', storyNow().inventory];
export const hostsOf = (group: string): readonly string[] => storyNow().groups[group] ?? [];

/** The user's own inventory, as upgrades with `--save` have left it. */
export function savedInventory(): string {
  return readFileSync(join(root, storyNow().inventory), 'utf8');
}

interface Identities {
  readonly agents: readonly string[];
  readonly framework: string;
  readonly tasks: readonly string[];
}

const haproxies = (): readonly string[] => hostsOf('bamboo').map(addressOf);
const marathonUrl = (): string => `http://${addressOf(hostsOf('marathon')[0] ?? '')}:8080`;

/** By plain ssh, with patience: a machine that is busy with other things lets a login wait. */
export function onHost(host: string, script: string): Promise<string> {
  return eventually(`${host} can be asked`, 60, () => sshOnce(host, script));
}

async function json(url: string): Promise<unknown> {
  const { status, text } = await http(url);
  if (status !== 200) throw new Error(`${url} answers ${status}`);
  return JSON.parse(text) as unknown;
}

/** Asked without our program: from the agents' own disks and from Marathon. */
async function identities(): Promise<Identities> {
  const agents = await Promise.all(
    hostsOf('mesos_slave').map((host) => onHost(host, 'basename "$(readlink /data/mesos/slave/meta/slaves/latest)"')),
  );
  return eventually('Marathon tells its framework', 30, async () => {
    const info = (await json(`${marathonUrl()}/v2/info`)) as { readonly frameworkId: string | null };
    const { tasks } = (await json(`${marathonUrl()}/v2/tasks`)) as {
      readonly tasks: readonly { readonly id: string }[];
    };
    if (info.frameworkId === null) return undefined;
    return { agents, framework: info.frameworkId, tasks: tasks.map(({ id }) => id).toSorted() };
  });
}

export function applyArguments(playbook: string, variables: Variables, ...more: readonly string[]): readonly string[] {
  return ['apply', playbook, ...inventories(), '-e', JSON.stringify(variables), ...more];
}

export function apply(playbook: string, variables: Variables, ...more: readonly string[]): Promise<Said> {
  return runner(...applyArguments(playbook, variables, ...more), '--output', 'plain');
}

/** `runner upgrade`, as a user types it. */
export function upgrade(
  words: readonly string[],
  variables: Variables = {},
  ...more: readonly string[]
): Promise<Said> {
  const extra = Object.keys(variables).length === 0 ? [] : ['-e', JSON.stringify(variables)];
  return runner(
    'upgrade',
    ...words,
    ...inventories(),
    '--output',
    'plain',
    ...extra,
    ...(more.length === 0 ? ['--yes', '--save'] : more),
  );
}

/** Rolls under traffic; prints what became of the requests. */
export async function underTraffic(
  name: string,
  roll: () => Promise<Said>,
): Promise<AppTrafficReport & { readonly said: Said }> {
  const traffic = startAppTraffic({ addresses: haproxies(), path: '/hello', expected: 'hello from' });
  const began = performance.now();
  const said = await roll();
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  const report = await traffic.stop();
  const failed = Object.values(report.failed).reduce((sum, each) => sum + each, 0);
  const { asked, nowhere, slowest } = report;
  figure(
    name,
    `${seconds} s, ${asked} requests, ${failed} failed, ${nowhere} served by no HAProxy, slowest ${slowest} ms`,
  );
  for (const [reason, times] of Object.entries(report.reasons)) figure(`${name}, not served`, `${times} × ${reason}`);
  return { ...report, said };
}

export function failedOf(report: AppTrafficReport): number {
  return Object.values(report.failed).reduce((sum, each) => sum + each, 0);
}

/** Images of a component's containers on their hosts, as their engines say. */
export async function imagesOf(group: string, container: string): Promise<readonly string[]> {
  const images = await Promise.all(
    hostsOf(group).map((host) =>
      onHost(host, `docker inspect --format '{{.State.Status}} {{.Config.Image}}' ${container}`),
    ),
  );
  return images.map((image) => image.trim().replace(/^(\w+) .*\//, '$1 '));
}

/** Nothing of a finished or rolled back step stays behind. */
export async function expectNothingKept(): Promise<void> {
  for (const host of [...hostsOf('mesos_master'), ...hostsOf('mesos_slave')]) {
    expect(await onHost(host, `docker ps -a --format '{{.Names}}' | grep -E '[.](old|new)-' || true`)).toBe('');
    expect(await onHost(host, 'ls /var/lib/runner/kept 2>/dev/null || true')).toBe('');
  }
}

export function stepsIn(said: Pick<Said, 'stdout'>): readonly string[] {
  return said.stdout.split('\n').flatMap((line) => /^→ (\S+ (?:next|stop)) /.exec(line)?.[1] ?? []);
}

/** The whole stack in its old versions on fresh hosts, and an app of two instances on it. For the hooks of a file. */
export async function bringUpStack(): Promise<void> {
  const leading = ['node1', 'node2', 'node3'];
  const working = ['node4', 'node5'];
  const groups = {
    zookeeper: leading,
    mesos_master: leading,
    marathon: leading,
    mesos_slave: working,
    bamboo: working,
  };
  story = await freshStory({ name: 'stack', groups, images, variables: old });
  const said = await apply('playbooks/cluster.yaml', {});
  expect(said.code, said.stdout + said.stderr).toBe(0);
  const hello = await apply('playbooks/hello.yaml', {});
  expect(hello.code, hello.stdout + hello.stderr).toBe(0);
  before = await identities();
  expect(before.tasks).toHaveLength(2);
}

export function removeScratch(): void {
  rmSync(scratch, { recursive: true });
}

/** A role's play whose gate gives up soon, so that it is the gate that finds a bad image, not the role's own proofs. */
export function impatient(role: string): string {
  const file = join(scratch, `${role}.yaml`);
  const ensemble = `{ kind: ${role}, gate_deadline: 15s }`;
  const group = role.replace('-', '_');
  writeFileSync(file, `- name: ${role}\n  hosts: ${group}\n  ensemble: ${ensemble}\n  roles: [${role}]\n`);
  return file;
}

export async function electedMaster(): Promise<string> {
  const metrics = await Promise.all(
    hostsOf('mesos_master').map(async (host) => ({
      host,
      said: (await json(`http://${addressOf(host)}:5050/metrics/snapshot`)) as Readonly<Record<string, number>>,
    })),
  );
  return metrics.find(({ said }) => said['master/elected'] === 1)?.host ?? 'none';
}

export async function leadingMarathon(): Promise<string> {
  const { leader } = (await json(`${marathonUrl()}/v2/leader`)) as { readonly leader: string };
  return hostsOf('marathon').find((host) => leader.startsWith(`${addressOf(host)}:`)) ?? 'none';
}

export async function marathonVersion(): Promise<string> {
  return ((await json(`${marathonUrl()}/v2/info`)) as { readonly version: string }).version;
}

export function others(hosts: readonly string[], leader: string): readonly string[] {
  return hosts.filter((host) => host !== leader);
}

/** Agents, framework and tasks are those of the beginning. */
export async function expectSameIdentities(): Promise<void> {
  expect(await identities()).toEqual(before);
}

/** All that serves looks as before, and nothing of a step is left behind. */
export async function expectSteady(rolled: AppTrafficReport): Promise<void> {
  expect(failedOf(rolled), JSON.stringify(rolled.reasons)).toBe(0);
  await expectSameIdentities();
  await expectNothingKept();
}

export function words(said: Said): string {
  return said.stdout + said.stderr;
}

/** A program that serves HTTP and is nothing of the stack. */
export const stranger = (): string => `${registryAddress()}/lab/hello:1`;
