import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startSshd } from '../rig/sshd.js';
import { siteOf, type Site } from '../faults/support/fault-host.js';

vi.setConfig({ testTimeout: 120_000 });

let rig: Awaited<ReturnType<typeof startSshd>>;
let site: Site;

beforeAll(async () => {
  rig = await startSshd();
  const noisy = rig.addUser({ name: `${rig.user.name}y`, shell: '/bin/bash' });
  appendFileSync(join(noisy.home, '.bashrc'), 'while :; do printf "%01000d" 0; done\n');
  const drip = rig.addUser({ name: `${rig.user.name}d`, shell: '/bin/bash' });
  appendFileSync(join(drip.home, '.bashrc'), 'while :; do printf x; sleep 1; done\n');
  site = siteOf([
    { name: 'endless', address: '127.0.1.1', rig, user: noisy.name },
    { name: 'drip', address: '127.0.1.2', rig, user: drip.name },
    ...Array.from({ length: 19 }, (_, index) => ({
      name: `good${String(index)}`,
      address: `127.0.1.${String(index + 10)}`,
      rig,
      user: rig.user.name,
    })),
  ]);
});

afterAll(async () => {
  site.remove();
  await rig.stop();
});

describe('S23: a hostile host among good ones', () => {
  it('that talks without end or drips costs nobody but itself', async () => {
    const { code, task, peakMegabytes, events } = await site.apply(`- hosts: web
  facts: false
  strategy: free
  tasks:
    - { name: one, command: "true" }
    - { name: two, command: echo done }
`).ended;
    expect(code).toBe(3);
    expect(Object.keys(task('two')).toSorted()).toEqual(
      Array.from({ length: 19 }, (_, index) => `good${String(index)}`).toSorted(),
    );
    const unreachable = events.flatMap((event) => (event.kind === 'host-unreachable' ? [event.host] : []));
    expect(unreachable.toSorted()).toEqual(['drip', 'endless']);
    expect(peakMegabytes).toBeLessThan(400);
  });
});
