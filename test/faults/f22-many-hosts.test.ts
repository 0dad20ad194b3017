import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSshd } from '../rig/sshd.js';
import { siteOf, type Site } from './support/fault-host.js';
import { startRunner, type Ended } from './support/program.js';

/** 95 names on each of five servers, and 25 that swallow every packet. */
const servers = 5;
const namesEach = 95;
const deadNames = 25;
const space = `rigmany${String(process.pid)}`;
const within = ['ip', 'netns', 'exec', space] as const;
const live = servers * namesEach;

/** Runs a command in the namespace. */
function inside(...command: readonly string[]): string {
  const [program, ...args] = [...within, ...command] as const;
  return execFileSync(program, args, { encoding: 'utf8' });
}

let rigs: readonly Awaited<ReturnType<typeof startSshd>>[];
let site: Site;

beforeAll(async () => {
  execFileSync('ip', ['netns', 'add', space]);
  execFileSync('ip', ['-n', space, 'link', 'set', 'lo', 'up']);
  inside('iptables', '-A', 'INPUT', '-d', '127.0.2.0/24', '-j', 'DROP');
  const started = [];
  for (let index = 0; index < servers; index += 1) started.push(await startSshd({ within }));
  rigs = started;
  const [first] = started;
  if (first === undefined) throw new Error('no sshd');
  site = siteOf([
    ...started.flatMap((rig, server) =>
      Array.from({ length: namesEach }, (_, index) => ({
        name: `s${String(server)}n${String(index)}`,
        address: `127.0.1.${String(index + 1)}`,
        rig,
        user: rig.user.name,
        // 40 handshakes at once on a busy machine are none of the dead names' doing.
        ssh: ', connect_timeout: 120',
      })),
    ),
    ...Array.from({ length: deadNames }, (_, index) => ({
      name: `dead${String(index)}`,
      address: `127.0.2.${String(index + 1)}`,
      rig: first,
      user: first.user.name,
    })),
  ]);
}, 120_000);

afterAll(async () => {
  site.remove();
  await Promise.all(rigs.map((rig) => rig.stop()));
  execFileSync('ip', ['netns', 'delete', space]);
});

const playbook = (pattern: string): string => `- hosts: ${pattern}
  facts: false
  tasks:
    - { name: one, command: "true" }
    - { name: two, command: "true" }
    - { name: three, command: "true" }
`;

/** One run at a time: two would meet the lock of each server, which is one machine to it. With the heap of F30, 128 MB. */
function apply(name: string, pattern: string): Promise<Ended> {
  site.folder.write(`${name}.yaml`, playbook(pattern));
  const args = ['apply', '--output', 'json', `${name}.yaml`];
  const environment = { NODE_OPTIONS: '--max-old-space-size=128' };
  return startRunner({ directory: site.folder.path, args, environment, within }).ended;
}

/** Hosts that could not be reached, with why. */
function unreachableIn(run: Ended): readonly { readonly host: string; readonly message: string }[] {
  return run.events.flatMap((event) =>
    event.kind === 'host-unreachable' ? [{ host: event.host, message: event.message }] : [],
  );
}

/** Packets that the dead names have swallowed. */
function knocks(): number {
  const counters = inside('iptables', '-nvxL', 'INPUT');
  return Number(/^\s*(\d+)\s+\d+\s+DROP/m.exec(counters)?.[1]);
}

/** How often this kernel knocks at a dead address in one connect timeout of 10 s: 4 times, since Linux 6.5 7 times. */
function knocksOfOneAttempt(): number {
  const before = knocks();
  inside('sh', '-c', "timeout 10 bash -c ': < /dev/tcp/127.0.2.200/22' 2> /dev/null || true");
  return knocks() - before;
}

describe('F22: 500 names of which 25 are dead', () => {
  it(
    'cost the others one connect timeout in all, and fit into a heap of 128 MB; every dead one is told',
    { timeout: 1_500_000 },
    async () => {
      const one = knocksOfOneAttempt();
      expect(one).toBeGreaterThan(0);
      const quiet = await apply('live', 's*');
      expect(unreachableIn(quiet)).toEqual([]);
      expect(quiet.code, quiet.stderr).toBe(0);
      const before = knocks();
      const mixed = await apply('all', 'all');
      const told = unreachableIn(mixed);
      expect(told.filter(({ host }) => !host.startsWith('dead'))).toEqual([]);
      expect(told.map(({ host }) => host).toSorted()).toEqual(
        Array.from({ length: deadNames }, (_, index) => `dead${String(index)}`).toSorted(),
      );
      expect(mixed.code, mixed.stderr).toBe(3);
      for (const task of ['one', 'two', 'three'])
        expect(Object.values(mixed.task(task)).filter(({ status }) => status === 'changed')).toHaveLength(live);
      // Each was knocked at for one connect timeout, not once for every task: two would be twice as many.
      const knocked = knocks() - before;
      expect(knocked).toBeGreaterThanOrEqual(deadNames);
      expect(knocked).toBeLessThan(1.75 * one * deadNames);
      process.stdout.write(
        `F22: ${String(live)} live ${Math.round(quiet.milliseconds)} ms, with ${String(deadNames)} dead ${Math.round(mixed.milliseconds)} ms, ${Math.round(mixed.peakMegabytes)} MB\n`,
      );
      // How long both take is a question of what else the machine does; one dead host after another would take 25 timeouts.
      expect(mixed.milliseconds).toBeLessThan(1.25 * quiet.milliseconds + 12 * 10_000);
      expect(mixed.peakMegabytes).toBeLessThan(400);
    },
  );
});
