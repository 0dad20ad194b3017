import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  addressOf,
  eventually,
  hostsOf,
  http,
  inventory,
  onHost as sshOnce,
  registryAddress,
  runner,
  type Said,
} from '../lab/harness.js';
import { startAppTraffic, type AppTrafficReport } from './app-traffic.js';
import { figure, freshLab } from './harness.js';

/**
 * Masters, agents, Marathon and Bamboo (the lab's stand-ins) are upgraded under an app that is asked for through both
 * HAProxies all the time; each with a bad image first. One cluster, in the order of an upgrade of the whole stack.
 */
const minutes = 60_000;
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
  'bamboo:0.2.20',
  'bamboo:0.3.1',
  'hello:1',
];

/** What the cluster is brought to, beyond what it began with: what one proof has changed, the next ones keep. */
let variables: Readonly<Record<string, string | number | boolean>> = old;

interface Identities {
  readonly agents: readonly string[];
  readonly framework: string;
  readonly tasks: readonly string[];
}

const haproxies = (): readonly string[] => hostsOf('bamboo').map(addressOf);
const marathonUrl = (): string => `http://${addressOf(hostsOf('marathon')[0] ?? '')}:8080`;

/** By plain ssh, with patience: a machine that is busy with other things lets a login wait. */
function onHost(host: string, script: string): Promise<string> {
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

function apply(
  playbook: string,
  given: Readonly<Record<string, string | number | boolean>>,
  ...more: readonly string[]
): Promise<Said> {
  return runner(
    'apply',
    playbook,
    '-i',
    inventory,
    '--output',
    'plain',
    '-e',
    JSON.stringify({ ...variables, ...given }),
    ...more,
  );
}

/** Rolls under traffic; prints what became of the requests. */
async function underTraffic(
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

function failedOf(report: AppTrafficReport): number {
  return Object.values(report.failed).reduce((sum, each) => sum + each, 0);
}

/** Images of a component's containers on their hosts, as their engines say. */
async function imagesOf(group: string, container: string): Promise<readonly string[]> {
  const images = await Promise.all(
    hostsOf(group).map((host) =>
      onHost(host, `docker inspect --format '{{.State.Status}} {{.Config.Image}}' ${container}`),
    ),
  );
  return images.map((image) => image.trim().replace(/^(\w+) .*\//, '$1 '));
}

/** Nothing of a finished or rolled back step stays behind. */
async function expectNothingKept(): Promise<void> {
  for (const host of [...hostsOf('mesos_master'), ...hostsOf('mesos_slave')]) {
    expect(await onHost(host, `docker ps -a --format '{{.Names}}' | grep -E '[.](old|new)-' || true`)).toBe('');
    expect(await onHost(host, 'ls /var/lib/runner/kept 2>/dev/null || true')).toBe('');
  }
}

function stepsIn(said: Said): readonly string[] {
  return said.stdout.split('\n').flatMap((line) => /^→ (\S+ (?:next|stop)) /.exec(line)?.[1] ?? []);
}

/** A program that serves HTTP and is nothing of the stack. */
const stranger = (): string => `${registryAddress()}/lab/hello:1`;

let before: Identities;

beforeAll(async () => {
  await freshLab({ hosts: 5, images });
  const said = await apply('playbooks/cluster.yaml', {});
  expect(said.code, said.stdout + said.stderr).toBe(0);
  const hello = await apply('playbooks/hello.yaml', {});
  expect(hello.code, hello.stdout + hello.stderr).toBe(0);
  before = await identities();
  expect(before.tasks).toHaveLength(2);
}, 10 * minutes);

const scratch = mkdtempSync(join(tmpdir(), 'runner-rolling-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** A role's play whose gate gives up soon, so that it is the gate that finds a bad image, not the role's own proofs. */
function impatient(role: string, kind: string): string {
  const file = join(scratch, `${role}.yaml`);
  const ensemble = `{ kind: ${kind}, gate_deadline: 15s }`;
  writeFileSync(file, `- name: ${role}\n  hosts: ${role}\n  ensemble: ${ensemble}\n  roles: [${role}]\n`);
  return file;
}

async function electedMaster(): Promise<string> {
  const metrics = await Promise.all(
    hostsOf('mesos_master').map(async (host) => ({
      host,
      said: (await json(`http://${addressOf(host)}:5050/metrics/snapshot`)) as Readonly<Record<string, number>>,
    })),
  );
  return metrics.find(({ said }) => said['master/elected'] === 1)?.host ?? 'none';
}

async function leadingMarathon(): Promise<string> {
  const { leader } = (await json(`${marathonUrl()}/v2/leader`)) as { readonly leader: string };
  return hostsOf('marathon').find((host) => leader.startsWith(`${addressOf(host)}:`)) ?? 'none';
}

function others(hosts: readonly string[], leader: string): readonly string[] {
  return hosts.filter((host) => host !== leader);
}

it(
  'stops after one master whose image is bad and brings the old one back',
  async () => {
    const bad = { mesos_version: '1.9.0', mesos_master_image: stranger(), mesos_master_start_timeout: 15 };
    const rolled = await underTraffic('masters with a bad image', () =>
      apply('playbooks/mesos.yaml', bad, '--limit', 'mesos_master'),
    );
    expect(rolled.said.code, rolled.said.stdout).not.toBe(0);
    expect(stepsIn(rolled.said)).toHaveLength(1);
    expect(rolled.said.stdout + rolled.said.stderr).toContain('was rolled back');
    expect(await imagesOf('mesos_master', 'mmaster')).toEqual(Array(3).fill('running mesos-master:1.4.1'));
    expect(failedOf(rolled)).toBe(0);
    await expectNothingKept();
  },
  4 * minutes,
);

it(
  'takes masters from 1.4.1 to 1.9.0, the elected one last, without a failed request',
  async () => {
    const leader = await electedMaster();
    const rolled = await underTraffic('masters 1.4.1 → 1.9.0', () =>
      apply('playbooks/mesos.yaml', { mesos_version: '1.9.0' }, '--limit', 'mesos_master'),
    );
    expect(rolled.said.code, rolled.said.stdout + rolled.said.stderr).toBe(0);
    variables = { ...variables, mesos_version: '1.9.0' };
    expect(stepsIn(rolled.said)).toEqual(
      [...others(hostsOf('mesos_master'), leader), leader].map((host) => `${host} next`),
    );
    expect(await imagesOf('mesos_master', 'mmaster')).toEqual(Array(3).fill('running mesos-master:1.9.0'));
    expect(failedOf(rolled)).toBe(0);
    expect(await identities()).toEqual(before);
  },
  4 * minutes,
);

it(
  'stops after one agent whose image is bad; its tasks never notice',
  async () => {
    const bad = { mesos_slave_image: `${registryAddress()}/lab/marathon:1.4.14` };
    const rolled = await underTraffic('agents with a bad image', () =>
      apply('playbooks/mesos.yaml', bad, '--limit', 'mesos_slave'),
    );
    expect(rolled.said.code, rolled.said.stdout).not.toBe(0);
    expect(stepsIn(rolled.said)).toHaveLength(1);
    expect(await imagesOf('mesos_slave', 'mslave')).toEqual(Array(2).fill('running mesos-slave:1.4.1'));
    expect(failedOf(rolled)).toBe(0);
    expect(await identities()).toEqual(before);
    await expectNothingKept();
  },
  4 * minutes,
);

it(
  'takes agents from 1.4.1 to 1.9.0 under their ids and with their tasks, without a failed request',
  async () => {
    const rolled = await underTraffic('agents 1.4.1 → 1.9.0', () =>
      apply('playbooks/mesos.yaml', {}, '--limit', 'mesos_slave'),
    );
    expect(rolled.said.code, rolled.said.stdout + rolled.said.stderr).toBe(0);
    expect(await imagesOf('mesos_slave', 'mslave')).toEqual(Array(2).fill('running mesos-slave:1.9.0'));
    expect(failedOf(rolled)).toBe(0);
    expect(await identities()).toEqual(before);
  },
  4 * minutes,
);

it(
  'restarts Marathon for a changed setting, the leader last, without a failed request',
  async () => {
    const leader = await leadingMarathon();
    const rolled = await underTraffic('Marathon restarted', () =>
      apply('playbooks/marathon.yaml', { marathon_heap: '384m' }),
    );
    expect(rolled.said.code, rolled.said.stdout + rolled.said.stderr).toBe(0);
    variables = { ...variables, marathon_heap: '384m' };
    expect(stepsIn(rolled.said)).toEqual(
      [...others(hostsOf('marathon'), leader), leader].map((host) => `${host} next`),
    );
    expect(failedOf(rolled)).toBe(0);
    expect(await identities()).toEqual(before);
  },
  4 * minutes,
);

it(
  'starts again what it had stopped for a Marathon that does not come up, and says what the gate lacked',
  async () => {
    const bad = { marathon_version: '1.5.15', marathon_image: stranger() };
    const rolled = await underTraffic('Marathon with a bad image', () =>
      apply(impatient('marathon', 'marathon'), bad, '--skip-tags', 'verify'),
    );
    const words = rolled.said.stdout + rolled.said.stderr;
    expect(rolled.said.code, words).not.toBe(0);
    expect(stepsIn(rolled.said).map((step) => step.split(' ')[1])).toEqual(['stop', 'next']);
    expect(words).toContain('the instance answers and knows the leader');
    expect(await imagesOf('marathon', 'marathon')).toEqual(Array(3).fill('running marathon:1.4.14'));
    expect(failedOf(rolled)).toBe(0);
    expect(await identities()).toEqual(before);
    await expectNothingKept();
  },
  4 * minutes,
);

it(
  'hands Marathon over from 1.4.14 to 1.5.15 by its own procedure, without a failed request',
  async () => {
    const leader = await leadingMarathon();
    const [heir = '', rest = ''] = others(hostsOf('marathon'), leader);
    const rolled = await underTraffic('Marathon 1.4.14 → 1.5.15', () =>
      apply('playbooks/marathon.yaml', { marathon_version: '1.5.15' }),
    );
    expect(rolled.said.code, rolled.said.stdout + rolled.said.stderr).toBe(0);
    variables = { ...variables, marathon_version: '1.5.15' };
    expect(stepsIn(rolled.said).slice(0, 3)).toEqual([`${rest} stop`, `${heir} next`, `${leader} stop`]);
    expect(await leadingMarathon()).toBe(heir);
    expect(((await json(`${marathonUrl()}/v2/info`)) as { readonly version: string }).version).toBe('1.5.15');
    expect(await imagesOf('marathon', 'marathon')).toEqual(Array(3).fill('running marathon:1.5.15'));
    expect(failedOf(rolled)).toBe(0);
    expect(await identities()).toEqual(before);
  },
  4 * minutes,
);

it(
  'stops after one Bamboo whose image is bad; the other HAProxy serves all the time',
  async () => {
    const bad = { bamboo_image: `${registryAddress()}/lab/marathon:1.4.14` };
    const rolled = await underTraffic('Bamboo with a bad image', () => apply('playbooks/bamboo.yaml', bad));
    expect(rolled.said.code, rolled.said.stdout).not.toBe(0);
    expect(stepsIn(rolled.said)).toHaveLength(1);
    expect(await imagesOf('bamboo', 'bamboo')).toEqual(Array(2).fill('running bamboo:0.2.20'));
    expect(rolled.nowhere).toBe(0);
    await expectNothingKept();
  },
  4 * minutes,
);

it(
  'takes Bamboo from 0.2.20 to 0.3.1 one by one; one HAProxy serves all the time',
  async () => {
    const rolled = await underTraffic('Bamboo 0.2.20 → 0.3.1', () =>
      apply('playbooks/bamboo.yaml', { bamboo_version: '0.3.1' }),
    );
    expect(rolled.said.code, rolled.said.stdout + rolled.said.stderr).toBe(0);
    variables = { ...variables, bamboo_version: '0.3.1' };
    expect(await imagesOf('bamboo', 'bamboo')).toEqual(Array(2).fill('running bamboo:0.3.1'));
    expect(rolled.nowhere).toBe(0);
    expect(await identities()).toEqual(before);
  },
  4 * minutes,
);

it(
  'refuses to take Marathon back, and says what to do instead',
  async () => {
    const said = await apply('playbooks/marathon.yaml', { marathon_version: '1.4.14' });
    expect(said.code).not.toBe(0);
    expect(said.stdout + said.stderr).toContain('Marathon 1.5.15 does not go back to 1.4.14');
    expect(stepsIn(said)).toEqual([]);
  },
  2 * minutes,
);
