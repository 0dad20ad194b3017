import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNetworkHost, type NetworkHost } from '../rig/network-host.js';
import { freePort } from '../rig/ports.js';
import { siteOf, type Site } from './support/fault-host.js';

let dead: NetworkHost;
let live: NetworkHost;
let tarpit: Server;
let resetter: Server;
let site: Site;

beforeAll(async () => {
  [dead, live] = await Promise.all([startNetworkHost(), startNetworkHost()]);
  dead.cut();
  tarpit = createServer(() => undefined);
  resetter = createServer((socket) => socket.resetAndDestroy());
  for (const server of [tarpit, resetter]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const portOf = (server: Server): number => (server.address() as AddressInfo).port;
  const at = (name: string, port: number): Parameters<typeof siteOf>[0][number] => ({
    name,
    address: '127.0.0.1',
    rig: { ...live, port },
    user: live.user.name,
  });
  site = siteOf([
    { name: 'dead', address: dead.address, rig: dead, user: dead.user.name },
    at('tarpit', portOf(tarpit)),
    at('reset', portOf(resetter)),
    at('closed', await freePort()),
    { name: 'live', address: live.address, rig: live, user: live.user.name },
  ]);
});

afterAll(async () => {
  tarpit.close();
  resetter.close();
  site.remove();
  await Promise.all([dead.stop(), live.stop()]);
});

const playbook = `- hosts: HOSTS
  facts: false
  tasks:
    - name: One
      command: "true"
    - name: Two
      command: "true"
`;

describe('F6: no connection', () => {
  it.each([
    ['dead', 'timeout', 11_500],
    ['tarpit', 'timeout', 11_500],
    ['reset', 'lost', 6000],
    ['closed', 'refused', 2500],
  ])('to %s is unreachable (%s) in time', async (name, reason, milliseconds) => {
    const run = await site.apply(playbook.replace('HOSTS', name)).ended;
    expect(run.code).toBe(3);
    const told = run.events.find((event) => event.kind === 'host-unreachable');
    expect(told).toMatchObject({ host: name, reason });
    expect(run.task('Two')).toEqual({});
    // The program's own start is part of it.
    expect(run.milliseconds).toBeLessThan(milliseconds);
  });

  it('to some costs the others one timeout in all, not one a task', async () => {
    const run = await site.apply(playbook.replace('HOSTS', 'all')).ended;
    expect(run.code).toBe(3);
    expect(run.task('Two')).toEqual({ live: expect.objectContaining({ status: 'changed' }) as unknown });
    expect(run.milliseconds).toBeLessThan(13_000);
    expect(dead.dropped()).toBeGreaterThan(0);
  });
});
