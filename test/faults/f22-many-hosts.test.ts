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
const within = ['ip', 'netns', 'exec', space];
const live = servers * namesEach;

let rigs: readonly Awaited<ReturnType<typeof startSshd>>[];
let site: Site;

beforeAll(async () => {
  execFileSync('ip', ['netns', 'add', space]);
  execFileSync('ip', ['-n', space, 'link', 'set', 'lo', 'up']);
  execFileSync(within[0] ?? '', [...within.slice(1), 'iptables', '-A', 'INPUT', '-d', '127.0.2.0/24', '-j', 'DROP']);
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

/** Two runs at once on one server would meet its lock; each server is one machine to it. */
function apply(name: string, pattern: string): Promise<Ended> {
  site.folder.write(`${name}.yaml`, playbook(pattern));
  const args = ['apply', '--output', 'json', `${name}.yaml`];
  return startRunner({ directory: site.folder.path, args, within }).ended;
}

/** Hosts that could not be reached, with why. */
function unreachableIn(run: Ended): readonly string[] {
  return run.events.flatMap((event) =>
    event.kind === 'host-unreachable' ? [`${event.host}: ${event.message}`] : [],
  );
}

describe('F22: 500 names of which 25 are dead', () => {
  it('cost the others one connect timeout in all; every dead one is told', { timeout: 1_500_000 }, async () => {
    const quiet = await apply('live', 's*');
    expect(unreachableIn(quiet)).toEqual([]);
    expect(quiet.code, quiet.stderr).toBe(0);
    const mixed = await apply('all', 'all');
    expect(mixed.code, mixed.stderr).toBe(3);
    for (const task of ['one', 'two', 'three'])
      expect(Object.values(mixed.task(task)).filter(({ status }) => status === 'changed')).toHaveLength(live);
    const told = mixed.events.flatMap((event) => (event.kind === 'host-unreachable' ? [event.host] : []));
    expect(told.toSorted()).toEqual(Array.from({ length: deadNames }, (_, index) => `dead${String(index)}`).toSorted());
    const dropped = execFileSync(within[0] ?? '', [...within.slice(1), 'iptables', '-nvxL', 'INPUT'], {
      encoding: 'utf8',
    });
    // Each was knocked at for one connect timeout (a SYN at 0, 1, 3 and 7 s), not once for every task.
    const knocks = Number(/^\s*(\d+)\s+\d+\s+DROP/m.exec(dropped)?.[1]);
    expect(knocks).toBeGreaterThanOrEqual(deadNames);
    expect(knocks).toBeLessThanOrEqual(6 * deadNames);
    process.stdout.write(
      `F22: ${String(live)} live ${Math.round(quiet.milliseconds)} ms, with ${String(deadNames)} dead ${Math.round(mixed.milliseconds)} ms, ${Math.round(mixed.peakMegabytes)} MB\n`,
    );
    // How long both take is a question of what else the machine does; one dead host after another would take 25 timeouts.
    expect(mixed.milliseconds).toBeLessThan(1.25 * quiet.milliseconds + 12 * 10_000);
    expect(mixed.peakMegabytes).toBeLessThan(400);
  });
});
