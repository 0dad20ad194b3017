import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNetworkHost, type NetworkHost } from '../rig/network-host.js';
import { until } from '../rig/until.js';
import { processesWith, siteOf, type Site } from './support/fault-host.js';

let jump: NetworkHost;
let direct: NetworkHost;
let site: Site;

beforeAll(async () => {
  [jump, direct] = await Promise.all([startNetworkHost(), startNetworkHost()]);
  site = siteOf([
    { name: 'jump', address: jump.address, rig: jump, user: jump.user.name },
    { name: 'behind', address: '127.0.0.1', rig: jump, user: jump.user.name, ssh: ', jump: [jump]' },
    { name: 'direct', address: direct.address, rig: direct, user: direct.user.name },
  ]);
});

afterAll(async () => {
  site.remove();
  await Promise.all([jump.stop(), direct.stop()]);
});

describe('F32: the jump host dies', () => {
  it('makes what is behind it unreachable, and nothing else', async () => {
    const run = site.apply(`- hosts: behind,direct
  facts: false
  tasks:
    - { name: long, command: sleep 5.732 }
    - { name: after, command: "true" }
`);
    await until(() => processesWith('sleep 5.732').length >= 2);
    expect(jump.killSessions()).toBeGreaterThan(0);
    const { code, task } = await run.ended;
    expect([task('long')['behind']?.status, task('after')['behind']]).toEqual(['unreachable', undefined]);
    expect([task('long')['direct']?.status, task('after')['direct']?.status, code]).toEqual(['changed', 'changed', 3]);
  });
});
