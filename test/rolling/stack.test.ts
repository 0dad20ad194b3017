import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
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
import { figure, freshStory, startRunner, type Story } from './harness.js';

/**
 * Masters, agents, Marathon and Bamboo (the lab's stand-ins) are upgraded under an app that is asked for through both
 * HAProxies all the time; each with a bad image first, and disturbed on the way. One cluster, in the order of an upgrade of
 * the whole stack.
 */
const minutes = 60_000;

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
afterAll(() => rmSync(scratch, { recursive: true }));

let story: Story;

const inventories = (): readonly string[] => ['-i', story.inventory];
const hostsOf = (group: string): readonly string[] => story.groups[group] ?? [];

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

function applyArguments(playbook: string, variables: Variables, ...more: readonly string[]): readonly string[] {
  return ['apply', playbook, ...inventories(), '-e', JSON.stringify(variables), ...more];
}

function apply(playbook: string, variables: Variables, ...more: readonly string[]): Promise<Said> {
  return runner(...applyArguments(playbook, variables, ...more), '--output', 'plain');
}

/** `runner upgrade`, as a user types it. */
function upgrade(words: readonly string[], variables: Variables = {}, ...more: readonly string[]): Promise<Said> {
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
}, 10 * minutes);

/** A role's play whose gate gives up soon, so that it is the gate that finds a bad image, not the role's own proofs. */
function impatient(role: string): string {
  const file = join(scratch, `${role}.yaml`);
  const ensemble = `{ kind: ${role}, gate_deadline: 15s }`;
  const group = role.replace('-', '_');
  writeFileSync(file, `- name: ${role}\n  hosts: ${group}\n  ensemble: ${ensemble}\n  roles: [${role}]\n`);
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

/** All that serves looks as before, and nothing of a step is left behind. */
async function expectSteady(rolled: AppTrafficReport): Promise<void> {
  expect(failedOf(rolled), JSON.stringify(rolled.reasons)).toBe(0);
  expect(await identities()).toEqual(before);
  await expectNothingKept();
}

function words(said: Said): string {
  return said.stdout + said.stderr;
}

it('shows the whole way from the bottom of the stack to its top', { timeout: 2 * minutes }, async () => {
  const said = await upgrade(['bamboo=0.3.1', 'marathon=1.6.549', 'mesos=1.9.0'], {}, '--plan');
  expect(said.code, words(said)).toBe(0);
  // Bamboo before the Marathon that calls nobody back: it is switched to the event stream first.
  expect([...said.stdout.matchAll(/^\d+ {2}(\S.*?) {2,}\S+ → (\S+)/gm)].map(([, what, to]) => `${what} ${to}`)).toEqual(
    ['Mesos masters 1.9.0', 'Mesos agents 1.9.0', 'Bamboo 0.3.1', 'Marathon 1.5.15', 'Marathon 1.6.549'],
  );
});

it('refuses ways that do not exist, with an exit code of their own', { timeout: 2 * minutes }, async () => {
  for (const [word, reason] of [
    ['mesos=0.28.3', 'refused: Mesos'],
    ['marathon=1.3.14', 'refused: Marathon'],
  ] as const) {
    const said = await upgrade([word]);
    expect(said.code, words(said)).toBe(2);
    expect(words(said)).toContain(reason);
    expect(words(said)).toContain('Nothing was touched.');
  }
});

it('stops after one master whose image is bad and brings the old one back', { timeout: 4 * minutes }, async () => {
  const bad = { mesos_master_image: stranger(), mesos_master_start_timeout: 15 };
  const rolled = await underTraffic('masters with a bad image', () => upgrade(['mesos=1.9.0'], bad));
  expect(rolled.said.code, words(rolled.said)).toBe(1);
  expect(stepsIn(rolled.said)).toHaveLength(1);
  expect(words(rolled.said)).toContain('was rolled back');
  expect(await imagesOf('mesos_master', 'mmaster')).toEqual(Array(3).fill('running mesos-master:1.4.1'));
  await expectSteady(rolled);
});

it(
  'takes masters from 1.4.1 to 1.9.0, the elected one last, and stops after one agent whose image is bad',
  { timeout: 6 * minutes },
  async () => {
    const leader = await electedMaster();
    const bad = { mesos_slave_image: `${registryAddress()}/lab/marathon:1.4.14` };
    const rolled = await underTraffic('masters 1.4.1 → 1.9.0, then agents with a bad image', () =>
      upgrade(['mesos=1.9.0'], bad),
    );
    expect(rolled.said.code, words(rolled.said)).toBe(1);
    const steps = stepsIn(rolled.said);
    expect(steps.slice(0, 3)).toEqual(
      [...others(hostsOf('mesos_master'), leader), leader].map((host) => `${host} next`),
    );
    expect(steps).toHaveLength(4);
    expect(await imagesOf('mesos_master', 'mmaster')).toEqual(Array(3).fill('running mesos-master:1.9.0'));
    expect(await imagesOf('mesos_slave', 'mslave')).toEqual(Array(2).fill('running mesos-slave:1.4.1'));
    expect(words(rolled.said)).toContain('The same command again goes on from here.');
    await expectSteady(rolled);
  },
);

it('goes on with the agents, under their ids and with their tasks', { timeout: 4 * minutes }, async () => {
  const rolled = await underTraffic('agents 1.4.1 → 1.9.0', () => upgrade(['mesos=1.9.0']));
  expect(rolled.said.code, words(rolled.said)).toBe(0);
  expect(stepsIn(rolled.said)).toHaveLength(2);
  expect(await imagesOf('mesos_slave', 'mslave')).toEqual(Array(2).fill('running mesos-slave:1.9.0'));
  expect(readFileSync(join(root, story.inventory), 'utf8')).toContain('mesos_version: 1.9.0');
  await expectSteady(rolled);
});

/** What is disturbed below: a change of a setting of masters, of Marathon. */
interface Disturbed {
  readonly title: string;
  readonly group: string;
  readonly container: string;
  /** Ports of the program itself and of what it lives on. */
  readonly ports: string;
  readonly leader: () => Promise<string>;
  readonly change: (number: number) => readonly string[];
  /** The same, with a gate that gives up soon. */
  readonly hastyChange: () => readonly string[];
  /** What the gate lacks while one member is cut off. */
  readonly lacks: RegExp;
}

const disturbed: readonly Disturbed[] = [
  {
    title: 'masters',
    group: 'mesos_master',
    container: 'mmaster',
    ports: '2181,2888,3888,5050',
    leader: () => eventually('a master is elected', 30, electedMaster),
    change: (number) =>
      applyArguments(
        'playbooks/mesos.yaml',
        { mesos_logging_level: ['WARNING', 'ERROR'][number] ?? '' },
        '--limit',
        'mesos_master',
      ),
    hastyChange: () => applyArguments(impatient('mesos-master'), { mesos_logging_level: 'INFO' }),
    lacks: /the replicated log has 3 replicas .*it counts 2/,
  },
  {
    title: 'Marathon',
    group: 'marathon',
    container: 'marathon',
    ports: '2181,2888,3888,8080',
    leader: () => eventually('a Marathon leads', 30, leadingMarathon),
    change: (number) => applyArguments('playbooks/marathon.yaml', { marathon_heap: `${384 + number}m` }),
    hastyChange: () => applyArguments(impatient('marathon'), { marathon_heap: '400m' }, '--skip-tags', 'verify'),
    lacks: /did not hold within .*: node\d: the instance answers and knows the leader/,
  },
];

for (const { title, group, container, ports, leader, change, hastyChange, lacks } of disturbed) {
  const pid = `"$(docker inspect --format {{.State.Pid}} ${container})"`;

  it(`${title}: the leader is killed in the middle of a restart`, { timeout: 4 * minutes }, async () => {
    const first = await leader();
    const rolled = await underTraffic(`${title} restarted, the leader killed in the middle`, async () => {
      const running = startRunner(...change(0));
      await eventually('the first step is proved', 120, () =>
        Promise.resolve(/gate holds/.test(running.output()) ? true : undefined),
      );
      await onHost(first, `kill -9 ${pid}`);
      return running.ended;
    });
    expect(rolled.said.code, words(rolled.said)).toBe(0);
    expect(stepsIn(rolled.said)).toHaveLength(3);
    await expectSteady(rolled);
  });

  it(`${title}: the runner is killed in the middle, and run again`, { timeout: 4 * minutes }, async () => {
    const last = await leader();
    const rolled = await underTraffic(`${title} restarted, the runner killed in the middle and run again`, async () => {
      const running = startRunner(...change(1));
      await eventually('a host is being stepped', 120, async () => {
        const names = await Promise.all(
          hostsOf(group).map((host) => onHost(host, "docker ps -a --format '{{.Names}}'")),
        );
        return names.some((each) => each.includes(`${container}.old-`)) ? true : undefined;
      });
      running.kill();
      await running.ended;
      // The dead run's lock is held against others until it has not been refreshed for half a minute.
      return eventually('the lock of the killed run is stale', 120, async () => {
        const said = await runner(...change(1), '--output', 'plain');
        return words(said).includes('another run works on') ? undefined : said;
      });
    });
    expect(rolled.said.code, words(rolled.said)).toBe(0);
    expect(stepsIn(rolled.said)).toHaveLength(3);
    expect(stepsIn(rolled.said).at(-1)).toBe(`${last} next`);
    await expectSteady(rolled);
  });

  it(`${title}: the network to one member is cut in the middle`, { timeout: 6 * minutes }, async () => {
    const standbys = others(hostsOf(group), await leader());
    const [stepped = '', cut = ''] = standbys;
    const rules = ['INPUT ! -i lo', 'OUTPUT ! -o lo'].flatMap((chain) =>
      ['--dport', '--sport'].map((side) => `${chain} -p tcp -m multiport ${side}s ${ports} -j DROP`),
    );
    const rolled = await underTraffic(`${title} restarted, the network to one member cut in the middle`, async () => {
      const running = startRunner(...hastyChange());
      await eventually(`${stepped} is being stepped`, 120, () =>
        Promise.resolve(running.output().includes(`→ ${stepped} next`) ? true : undefined),
      );
      await onHost(cut, rules.map((rule) => `iptables -I ${rule}`).join('\n'));
      try {
        return await running.ended;
      } finally {
        await onHost(cut, rules.map((rule) => `iptables -D ${rule}`).join('\n'));
      }
    });
    expect(rolled.said.code, words(rolled.said)).toBe(1);
    expect(words(rolled.said)).toMatch(lacks);
    expect(stepsIn(rolled.said)).toEqual([`${stepped} next`]);
    expect(failedOf(rolled), JSON.stringify(rolled.reasons)).toBe(0);
    const again = await eventually('it is gone on with', 120, async () => {
      const said = await runner(...hastyChange(), '--output', 'plain');
      return said.code === 0 ? said : undefined;
    });
    expect(stepsIn(again).length).toBeGreaterThan(0);
    await expectSteady(rolled);
  });
}

it(
  'starts again what it had stopped for a Marathon that does not come up, and says what the gate lacked',
  { timeout: 4 * minutes },
  async () => {
    const bad = { marathon_version: '1.5.15', marathon_image: stranger() };
    const rolled = await underTraffic('Marathon with a bad image', () =>
      apply(impatient('marathon'), bad, '--skip-tags', 'verify'),
    );
    expect(rolled.said.code, words(rolled.said)).not.toBe(0);
    expect(stepsIn(rolled.said).map((step) => step.split(' ')[1])).toEqual(['stop', 'next']);
    expect(words(rolled.said)).toContain('the instance answers and knows the leader');
    expect(await imagesOf('marathon', 'marathon')).toEqual(Array(3).fill('running marathon:1.4.14'));
    await expectSteady(rolled);
  },
);

async function marathonVersion(): Promise<string> {
  return ((await json(`${marathonUrl()}/v2/info`)) as { readonly version: string }).version;
}

it(
  'hands Marathon over from 1.4.14 to 1.5.15 by its own procedure, without a failed request',
  { timeout: 4 * minutes },
  async () => {
    const leader = await leadingMarathon();
    const [heir = '', rest = ''] = others(hostsOf('marathon'), leader);
    const rolled = await underTraffic('Marathon 1.4.14 → 1.5.15', () => upgrade(['marathon=1.5.15']));
    expect(rolled.said.code, words(rolled.said)).toBe(0);
    expect(stepsIn(rolled.said).slice(0, 3)).toEqual([`${rest} stop`, `${heir} next`, `${leader} stop`]);
    expect(await leadingMarathon()).toBe(heir);
    expect(await marathonVersion()).toBe('1.5.15');
    expect(await imagesOf('marathon', 'marathon')).toEqual(Array(3).fill('running marathon:1.5.15'));
    await expectSteady(rolled);
  },
);

it(
  'hands Marathon over to 1.6.549 although the runner is killed in the middle of it',
  { timeout: 6 * minutes },
  async () => {
    const rolled = await underTraffic('Marathon 1.5.15 → 1.6.549, the runner killed in the hand-over', async () => {
      const running = startRunner('upgrade', 'marathon=1.6.549', ...inventories(), '--yes', '--save');
      await eventually('the new one starts beside the old leader', 180, () =>
        Promise.resolve(/^→ \S+ next/m.test(running.output()) ? true : undefined),
      );
      running.kill();
      await running.ended;
      return eventually('the lock of the killed run is stale', 120, async () => {
        const said = await upgrade(['marathon=1.6.549']);
        return words(said).includes('another run works on') ? undefined : said;
      });
    });
    expect(rolled.said.code, words(rolled.said)).toBe(0);
    expect(await marathonVersion()).toBe('1.6.549');
    expect(await imagesOf('marathon', 'marathon')).toEqual(Array(3).fill('running marathon:1.6.549'));
    await expectSteady(rolled);
  },
);

it(
  'stops after one Bamboo whose image is bad; the other HAProxy serves all the time',
  { timeout: 4 * minutes },
  async () => {
    const bad = { bamboo_image: `${registryAddress()}/lab/marathon:1.4.14` };
    const rolled = await underTraffic('Bamboo with a bad image', () => upgrade(['bamboo=0.3.1'], bad));
    expect(rolled.said.code, words(rolled.said)).toBe(1);
    expect(stepsIn(rolled.said)).toHaveLength(1);
    expect(await imagesOf('bamboo', 'bamboo')).toEqual(Array(2).fill('running bamboo:0.2.20'));
    expect(rolled.nowhere).toBe(0);
    await expectNothingKept();
  },
);

it(
  'takes Bamboo from 0.2.20 to 0.3.1 one by one; one HAProxy serves all the time',
  { timeout: 4 * minutes },
  async () => {
    const rolled = await underTraffic('Bamboo 0.2.20 → 0.3.1', () => upgrade(['bamboo=0.3.1']));
    expect(rolled.said.code, words(rolled.said)).toBe(0);
    expect(await imagesOf('bamboo', 'bamboo')).toEqual(Array(2).fill('running bamboo:0.3.1'));
    expect(rolled.nowhere).toBe(0);
    expect(await identities()).toEqual(before);
  },
);

it('refuses to take Marathon back, and says what to do instead', { timeout: 2 * minutes }, async () => {
  const said = await upgrade(['marathon=1.5.15']);
  expect(said.code, words(said)).toBe(2);
  expect(words(said)).toMatch(/refused: Marathon 1\.6\.549 .*1\.5\.15/);
  expect(stepsIn(said)).toEqual([]);
});
