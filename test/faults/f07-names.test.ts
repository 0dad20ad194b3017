import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type NameServer, startNameServer } from '../rig/name-server.js';
import { startNetworkHost, type NetworkHost } from '../rig/network-host.js';
import { siteOf, type Site } from './support/fault-host.js';
import { type Running, startRunner } from './support/program.js';

let host: NetworkHost;
let names: NameServer;
let site: Site;
let flaps = 0;

const slowNames = Array.from({ length: 12 }, (_, index) => `slow${String(index)}`);

beforeAll(async () => {
  host = await startNetworkHost();
  // An address of a prefix for documentation (RFC 3849) that nobody has: packets to it end at the wire.
  execFileSync('ip', ['-6', 'address', 'add', '2001:db8:198::1/64', 'dev', host.wire, 'nodad']);
  names = await startNameServer(`127.0.153.${String(randomInt(1, 255))}`, (name, type): Answer | undefined => {
    const [first = ''] = name.split('.');
    const known = type === 'A' ? { addresses: [host.address] } : {};
    if (first === 'good') return known;
    if (first === 'dual') return type === 'AAAA' ? { addresses: ['2001:db8:198::dead'] } : known;
    if (first.startsWith('slow')) return { ...known, delay: 15_000 };
    if (first === 'flap') {
      if (type !== 'A') return flaps > 2 ? {} : { error: 2 };
      flaps += 1;
      return flaps > 2 ? known : { error: 2 };
    }
    return undefined;
  });
  site = siteOf(
    ['good', 'dual', 'flap', 'nowhere', ...slowNames].map((name) => ({
      name,
      address: `${name}.rig.test`,
      rig: host,
      user: host.user.name,
      ssh: name.startsWith('slow') ? ', connect_timeout: 5' : ', connect_timeout: 30',
    })),
  );
  const knownHosts = readFileSync(host.knownHosts, 'utf8');
  const [, keys = ''] = /^\S+ (.*)$/m.exec(knownHosts) ?? [];
  appendFileSync(host.knownHosts, `*.rig.test,[*.rig.test]:${String(host.port)} ${keys}\n`);
  writeFileSync(join(site.folder.path, 'resolv.conf'), `nameserver ${names.address}\noptions timeout:8 attempts:1\n`);
});

afterAll(async () => {
  site.remove();
  await Promise.all([names.stop(), host.stop()]);
});

beforeEach(() => {
  flaps = 0;
});

/** Applies two tasks on these hosts, with a resolv.conf that only this program sees. */
function apply(pattern: string): Running {
  const tasks = '[{ name: one, command: "true" }, { name: two, command: "true" }]';
  site.folder.write('site.yaml', `- hosts: ${pattern}\n  facts: false\n  tasks: ${tasks}\n`);
  const own = `mount --bind '${join(site.folder.path, 'resolv.conf')}' /etc/resolv.conf && exec "$@"`;
  return startRunner({
    directory: site.folder.path,
    args: ['apply', '--output', 'json', 'site.yaml'],
    within: ['unshare', '-m', 'sh', '-c', own, 'sh'],
  });
}

const askedFor = (name: string): readonly number[] =>
  names.questions.filter(({ text }) => text === `${name}.rig.test A`).map(({ at }) => at);

describe('F7: names', () => {
  it('that do not exist are unreachable at once', async () => {
    const { code, events, milliseconds } = await apply('nowhere').ended;
    expect(code).toBe(3);
    expect(events.find(({ kind }) => kind === 'host-unreachable')).toMatchObject({ reason: 'name-not-found' });
    expect(milliseconds).toBeLessThan(10_000);
    expect(askedFor('nowhere')).toHaveLength(1);
  });

  it('whose server fails twice are asked for again', async () => {
    const { code, task, stdout } = await apply('flap').ended;
    expect(code, stdout).toBe(0);
    expect(task('two')['flap']?.status).toBe('changed');
    expect(flaps).toBe(3);
  });

  it('whose first address is a dead one of IPv6 are reached by the other', async () => {
    const { code, task, stdout, milliseconds } = await apply('dual').ended;
    expect(code, stdout).toBe(0);
    expect(task('two')['dual']?.status).toBe('changed');
    expect(milliseconds).toBeLessThan(20_000);
    expect(names.questions.map(({ text }) => text)).toContain('dual.rig.test AAAA');
    const neighbours = execFileSync('ip', ['-6', 'neighbour', 'show', 'dev', host.wire], { encoding: 'utf8' });
    expect(neighbours).toMatch(/2001:db8:198::dead .*(FAILED|INCOMPLETE)/);
  });

  it('that are slow cost one connect timeout in all, and the others nothing', async () => {
    const { code, task, events, milliseconds } = await apply('slow*:good').ended;
    expect(code).toBe(3);
    expect(task('two')['good']?.status).toBe('changed');
    const unreachable = events.flatMap((event) => (event.kind === 'host-unreachable' ? [event] : []));
    expect(unreachable.map(({ host: name, reason }) => `${name} ${reason}`).toSorted()).toEqual(
      slowNames.map((name) => `${name} timeout`).toSorted(),
    );
    // All were asked for before the first was given up: none waits for the silence of another.
    const asked = slowNames.map((name) => askedFor(name)[0] ?? Infinity);
    expect(Math.max(...asked) - Math.min(...asked)).toBeLessThan(7500);
    // The system's resolver cannot be told to stop: the program's end waits until it gives up, once for all.
    // One after the other they would take two minutes.
    expect(milliseconds).toBeLessThan(90_000);
  });
});
