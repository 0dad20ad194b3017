import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Running, startRunner } from '../faults/support/program.js';
import { type Checkout, makeCheckout } from './rig.js';
import { eventually } from './harness.js';

const minutes = 60_000;
let checkout: Checkout;

beforeAll(async () => {
  checkout = makeCheckout();
  const { code, output } = await checkout.lab(['up', '--hosts', '1', '--no-images']);
  expect(code, output).toBe(0);
}, 3 * minutes);
afterAll(() => checkout.remove(), 2 * minutes);

/** Runs words as root by plain ssh: a witness that is not our program. */
async function onNode(script: string): Promise<string> {
  const { code, output } = await checkout.lab(['ssh', 'root@node1', '--', script]);
  expect(code, `${script}\n${output}`).toBe(0);
  return output.trim();
}

function apply(tasks: string): Running {
  writeFileSync(
    join(checkout.folder, 'site.yaml'),
    `- hosts: node1\n  become: true\n  facts: false\n  tasks:\n${tasks}`,
  );
  const args = ['apply', '--output', 'json', '-i', 'lab/.state/inventory.yaml', 'site.yaml'];
  return startRunner({ directory: checkout.folder, args });
}

/** Makes a package on the host whose configuration waits until /run/go is there. */
async function makePackage(name: string): Promise<void> {
  await onNode(`set -e; mkdir -p /root/${name}/DEBIAN; cd /root/${name}/DEBIAN
printf '%s\\n' 'Package: ${name}' 'Version: 1.0' 'Architecture: all' 'Maintainer: Nobody <nobody@localhost>' 'Description: waits' > control
printf '%s\\n' '#!/bin/sh' 'case ${name} in waits*) touch /run/${name}.configures; while [ ! -e /run/go ]; do sleep 0.1; done;; esac' > postinst
chmod 755 postinst; dpkg-deb -b /root/${name} /root/${name}.deb > /dev/null`);
}

/** Has dpkg itself configure the package, and returns when it is in the middle: its process id. */
async function configuring(name: string): Promise<string> {
  await makePackage(name);
  await onNode(`rm -f /run/go; systemd-run -q --unit=${name} dpkg -i /root/${name}.deb`);
  return eventually(`dpkg configures ${name}`, 30, async () => {
    await onNode(`test -e /run/${name}.configures`);
    return onNode(`systemctl show -p MainPID --value ${name}`);
  });
}

const install = (name: string, more = ''): string =>
  `    - { name: install, apt: { deb: /root/${name}.deb${more} } }\n`;

/** Until the module has found the lock held, waited its second, and found it held again. */
function waitsAgain(): Promise<true> {
  const seconds = new Set<string>();
  return eventually('it waits for the lock, and again', 60, async () => {
    for (const pid of (await onNode("pgrep -xf 'sleep 1' || true")).split('\n').filter(Boolean)) seconds.add(pid);
    return seconds.size >= 2 ? true : undefined;
  });
}

describe("F27: dpkg's lock is held", () => {
  it(
    'waits for its time and tells who holds it; waits and goes on when it is let go',
    { timeout: 3 * minutes },
    async () => {
      await makePackage('plain');
      const holder = await configuring('waits-one');
      onTestFinished(() => onNode('touch /run/go').then(() => undefined));
      const refused = await apply(install('plain', ', lock_timeout: 3')).ended;
      expect(refused.code, refused.stdout).toBe(1);
      expect(refused.task('install')['node1']?.message).toMatch(
        new RegExp(`is still held by process ${holder} \\(dpkg\\) after 3 seconds`),
      );
      const patient = apply(install('plain', ', lock_timeout: 60'));
      await waitsAgain();
      expect(await onNode("dpkg-query -W -f '${db:Status-Abbrev}' plain 2> /dev/null || true")).toBe('');
      await onNode('touch /run/go');
      const done = await patient.ended;
      expect(done.code, done.stdout).toBe(0);
      expect(done.task('install')['node1']?.status).toBe('changed');
      expect(done.task('install')['node1']?.milliseconds).toBeGreaterThan(1000);
      expect(await onNode("dpkg-query -W -f '${db:Status-Abbrev}' plain waits-one")).toBe('ii ii');
    },
  );
});

describe('F28: a package operation was interrupted', () => {
  it('is seen, tells what mends it, and is mended only when that is asked for', { timeout: 3 * minutes }, async () => {
    await makePackage('plain-two');
    await configuring('waits-two');
    await onNode('systemctl kill -s KILL waits-two');
    expect(await onNode('dpkg --audit')).toContain('waits-two');
    const refused = await apply(install('plain-two')).ended;
    expect(refused.code, refused.stdout).toBe(1);
    expect(refused.task('install')['node1']?.message).toContain('dpkg --configure -a');
    expect(await onNode('dpkg --audit')).toContain('waits-two');
    await onNode('touch /run/go');
    const mended = await apply(install('plain-two', ', fix_interrupted: true')).ended;
    expect(mended.code, mended.stdout).toBe(0);
    expect(await onNode('dpkg --audit')).toBe('');
    expect(await onNode("dpkg-query -W -f '${db:Status-Abbrev}' plain-two waits-two")).toBe('ii ii');
  });
});

describe('F33: a unit that fails after its start', () => {
  const unit = (name: string, command: string, ...more: readonly string[]): Promise<string> => {
    const lines = ['[Service]', ...more, `ExecStart=/bin/sh -c "${command}"`].map((line) => `'${line}'`);
    return onNode(`printf '%s\\n' ${lines.join(' ')} > /etc/systemd/system/${name}.service`);
  };
  const reload = '    - { name: reload, service: { daemon_reload: true } }\n';
  const start = (name: string, more = ''): string =>
    `    - { name: ${name}, service: { name: ${name}, state: started }${more} }\n`;

  it(
    'fails its task, or its host at the end of the play, with the last lines of its journal',
    async () => {
      const falls = 'while [ ! -e /run/fall ]; do sleep 0.1; done';
      await unit('flaps', 'echo cannot bind; exit 1', 'Restart=always', 'RestartSec=100ms');
      await unit('falls', `${falls}; echo no such table; exit 3`);
      await unit('limps', `[ -e /run/fell ] && exec sleep 600; ${falls}; touch /run/fell; exit 1`, 'Restart=always');
      await unit('lives', 'sleep 600');
      await unit('works', 'echo done', 'Type=oneshot');
      const ignored = ', ignore_errors: true';
      const { code, task, stdout } = await apply(
        `${reload}${start('lives')}${start('works')}${start('flaps', ignored)}${start('limps', ignored)}${start('falls')}` +
          '    - { name: later, command: touch /run/fall }\n',
      ).ended;
      expect(code, stdout).toBe(1);
      for (const name of ['lives', 'works', 'later']) expect(task(name)['node1']?.status, name).toBe('changed');
      expect(task('flaps')['node1']?.message).toMatch(/flaps did not stay up[^]*cannot bind/);
      expect(task('limps')['node1']).toMatchObject({ status: 'failed', ignored: true });
      expect(task('limps')['node1']?.message).toContain('did not stay up: systemd has restarted it once');
      expect(task('falls')['node1']).toMatchObject({ status: 'failed', diagnostic: { span: { start: { line: 10 } } } });
      expect(task('falls')['node1']?.message).toMatch(/falls.service did not stay up: it is failed[^]*no such table/);
      expect(await onNode('systemctl show -p ExecMainStatus --value falls')).toBe('3');
    },
    2 * minutes,
  );

  it(
    'is seen when it fails after three seconds, though nobody said for how long it must stay up',
    async () => {
      await unit('dies', 'echo no such table; sleep 3; exit 3');
      const { code, task, stdout } = await apply(`${reload}${start('dies')}`).ended;
      expect(code, stdout).toBe(1);
      expect(task('dies')['node1']?.status).toBe('failed');
      expect(task('dies')['node1']?.message).toMatch(/did not stay up: it is failed[^]*no such table/);
      expect(await onNode('systemctl show -p ExecMainStatus --value dies')).toBe('3');
    },
    2 * minutes,
  );

  it(
    'is no fault of a unit that a command of the play stops or starts again',
    async () => {
      await unit('lives', 'sleep 600');
      await unit('goes', 'sleep 600');
      const { code, stdout } = await apply(
        `${reload}    - { name: down, command: systemctl stop lives goes }\n${start('lives')}${start('goes')}` +
          '    - { name: again, shell: systemctl restart lives && systemctl stop goes }\n',
      ).ended;
      expect(code, stdout).toBe(0);
      expect(await onNode('systemctl is-active lives goes || true')).toBe('active\ninactive');
    },
    2 * minutes,
  );
});

/** A container has the boot id of the machine; here each boot of the host gets its own, as systemd-nspawn has it. */
const ownBootId = `printf '%s\\n' '[Unit]' 'DefaultDependencies=no' '[Service]' 'Type=oneshot' \\
  'ExecStart=/bin/sh -c "cat /proc/sys/kernel/random/uuid > /run/boot_id; mount --bind /run/boot_id /proc/sys/kernel/random/boot_id"' \\
  '[Install]' 'WantedBy=sysinit.target' > /etc/systemd/system/boot-id.service
systemctl enable -q --now boot-id; cat /proc/sys/kernel/random/boot_id`;

const rebootTask = (timeout: number): string => `    - { name: reboot, reboot: { reboot_timeout: ${String(timeout)} } }
    - { name: after, command: cat /proc/sys/kernel/random/boot_id, changed_when: false }
`;

/** Until the host answers no more, by the engine's word. */
const isDown = (): Promise<true> =>
  eventually('node1 is down', 60, async () =>
    /node1.*(stopped|exited|down)/.test((await checkout.lab(['status'])).output) ? true : undefined,
  );

describe('F29: a reboot in the middle of a run', () => {
  it('goes on at the same address only after another boot', { timeout: 3 * minutes }, async () => {
    const before = await onNode(ownBootId);
    const machine = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    expect(before).not.toBe(machine);
    const run = apply(rebootTask(120));
    await isDown();
    expect(run.stdout()).not.toContain('"task":"after"');
    expect((await checkout.lab(['start', 'node1'])).code).toBe(0);
    const { code, task, stdout } = await run.ended;
    expect(code, stdout).toBe(0);
    expect(task('reboot')['node1']?.status).toBe('changed');
    const after = await onNode('cat /proc/sys/kernel/random/boot_id');
    expect(after).not.toBe(before);
    expect(task('after')['node1']?.result?.['stdout']).toBe(after);
  });

  it('fails when the host has not come back in its time', { timeout: 3 * minutes }, async () => {
    const run = apply(rebootTask(8));
    const { code, task, stdout } = await run.ended;
    await isDown();
    expect(code, stdout).toBe(1);
    expect(task('reboot')['node1']?.message).toContain('has not come back within 8 s');
    expect(task('reboot')['node1']?.milliseconds).toBeLessThan(40_000);
    expect(task('after')).toEqual({});
  });
});
