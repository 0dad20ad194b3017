import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findEngine } from '../../lab/src/machine/engine.js';
import { slotLabel } from '../../lab/src/machine/places.js';
import { type Checkout, makeCheckout } from './rig.js';

const minutes = 60_000;
let checkout: Checkout;

beforeAll(() => {
  checkout = makeCheckout();
});
afterAll(() => checkout.remove(), 2 * minutes);

/** Runs the lab's command; a failure shows all it said. */
async function lab(...args: readonly string[]): Promise<string> {
  const { code, output } = await checkout.lab(args);
  expect(code, output).toBe(0);
  return output;
}

/** The slot as `status` names it, with the ids of everything on the engine that belongs to it. */
async function belongings(): Promise<readonly string[]> {
  const slot = /lab +runner-lab-(\d+)/.exec(await lab('status'))?.[1];
  return slot === undefined ? [] : belongingsOf(slot);
}

async function belongingsOf(slot: string): Promise<readonly string[]> {
  const engine = await findEngine();
  if (engine === undefined) return [];
  const filters = { label: [`${slotLabel}=${slot}`] };
  const containers = await engine.docker.listContainers({ all: true, filters });
  const networks = await engine.docker.listNetworks({ filters });
  const { Volumes } = await engine.docker.listVolumes({ filters });
  // The engine lists volumes in no order of its own.
  const all = [...containers.map(({ Id }) => Id), ...networks.map(({ Id }) => Id), ...Volumes.map(({ Name }) => Name)];
  return all.toSorted();
}

describe('the life of a lab beside another', () => {
  it('finishes what an interrupted up began', { timeout: 5 * minutes }, async () => {
    const { code, output } = await checkout.lab(['up', '--hosts', '2', '--no-images'], { interruptAt: '❯ Hosts' });
    expect(code, output).toBe(130);
    await lab('up', '--hosts', '2', '--no-images');
    for (const host of ['node1', 'node2']) expect((await lab('ssh', host, '--', 'hostname')).trim()).toBe(host);
  });

  it('leaves a lab that is up as it is', { timeout: minutes }, async () => {
    const before = await belongings();
    const known = readFileSync(join(checkout.folder, 'lab/.state/known_hosts'), 'utf8');
    await lab('up', '--no-images');
    expect(await belongings()).toEqual(before);
    expect(readFileSync(join(checkout.folder, 'lab/.state/known_hosts'), 'utf8')).toBe(known);
  });

  it('gives a host fresh from the image no Docker, no rsyslog and no Python', { timeout: minutes }, async () => {
    const { code } = await checkout.lab([
      'ssh',
      'node1',
      '--',
      'command -v dockerd || command -v rsyslogd || command -v python3',
    ]);
    expect(code).not.toBe(0);
    expect((await lab('ssh', 'root@node1', '--', 'systemctl is-system-running --wait')).trim()).toBe('running');
  });

  it('asks opspw for a password and ops for none', { timeout: minutes }, async () => {
    expect((await lab('ssh', 'ops@node1', '--', 'sudo -n id -u')).trim()).toBe('0');
    expect((await checkout.lab(['ssh', 'opspw@node1', '--', 'sudo -n id -u'])).code).not.toBe(0);
    expect(await lab('ssh', 'opspw@node1', '--', "echo lab-secret | sudo -S -p '' id -u")).toContain('0');
  });

  it('keeps what is on the disk of a host whose power was cut', { timeout: minutes }, async () => {
    await lab('ssh', 'root@node2', '--', 'echo kept > /srv/note && echo kept > /var/lib/docker/note && sync');
    await lab('kill', 'node2');
    await lab('start', 'node2');
    expect(await lab('ssh', 'root@node2', '--', 'cat /srv/note /var/lib/docker/note')).toBe('kept\nkept\n');
  });

  it('replaces one host by a fresh one and leaves the other', { timeout: minutes }, async () => {
    await lab('ssh', 'root@node1', '--', 'touch /srv/stays');
    await lab('reset', 'node2');
    await lab('ssh', 'root@node1', '--', 'test -e /srv/stays');
    expect((await checkout.lab(['ssh', 'root@node2', '--', 'test -e /srv/note'])).code).toBe(1);
  });

  it('removes hosts above the number asked for', { timeout: minutes }, async () => {
    await lab('up', '--hosts', '1', '--no-images');
    const status = await lab('status');
    expect(status).toContain('node1');
    expect(status).not.toContain('node2');
  });

  it('names the hosts there are when asked for another', async () => {
    const { code, output } = await checkout.lab(['ssh', 'node7']);
    expect(code).toBe(1);
    expect(output).toContain('no host "node7"');
    expect(output).toContain('there are node1');
  });

  it('takes everything away, and has nothing to do the second time', { timeout: 2 * minutes }, async () => {
    const slot = /lab +runner-lab-(\d+)/.exec(await lab('status'))?.[1] ?? '';
    expect(slot).not.toBe('');
    await lab('down');
    expect(await belongingsOf(slot)).toEqual([]);
    expect(existsSync(join(checkout.folder, 'lab/.state'))).toBe(false);
    expect(await lab('down')).toContain('No lab of this checkout is up');
  });
});
