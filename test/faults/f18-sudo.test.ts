import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { faultHostForFile } from './support/fault-host.js';

const password = 'right-one';
const site = faultHostForFile();
let name: string;

beforeAll(async () => {
  name = `${site.host.user.name}p`;
  const log = join(site.host.directory, 'sudo.log');
  site.host.addUser({
    name,
    password,
    sudo: ['ALL=(ALL) ALL', `Defaults:${name} timestamp_timeout=0, logfile=${log}, loglinelen=0`],
  });
});

const playbook = `- hosts: web
  facts: false
  become: true
  tasks:
    - { name: one, command: id -un, ignore_errors: true }
    - { name: two, command: id -un, ignore_errors: true }
    - { name: three, command: id -un }
`;

function withPassword(text: string | undefined): void {
  const inventory = readFileSync(join(site.folder.path, 'inventory.yaml'), 'utf8').replace(/\n {2}vars:[^]*/, '\n');
  site.folder.write(
    'inventory.yaml',
    text === undefined ? inventory : `${inventory}  vars:\n    become_password: ${text}\n`,
  );
}

function attempts(): number {
  const text = readFileSync(join(site.host.directory, 'sudo.log'), 'utf8');
  return text.split('\n').filter((line) => line.includes('incorrect password')).length;
}

describe('F18: sudo', () => {
  it('with a wrong password fails, is tried once in the run, and the password is shown nowhere', async () => {
    withPassword('wrong-one');
    const { code, task, stdout, stderr, milliseconds } = await site.apply(playbook, '-u', name).ended;
    expect(code).toBe(1);
    for (const each of ['one', 'two', 'three']) expect(task(each)['h1']?.status).toBe('failed');
    expect(task('one')['h1']?.message).toMatch(/password/);
    expect(milliseconds).toBeLessThan(10_000);
    expect(attempts()).toBe(1);
    expect(stdout + stderr).not.toContain('wrong-one');
  });

  it('without a password fails at once and says so; with the right one it works', async () => {
    withPassword(undefined);
    const missing = await site.apply(playbook, '-u', name).ended;
    expect([missing.code, missing.task('three')['h1']?.message]).toEqual([
      1,
      expect.stringMatching(/password/) as unknown,
    ]);
    site.freeLock();
    withPassword(password);
    const right = await site.apply(playbook, '-u', name).ended;
    expect([right.code, right.task('three')['h1']?.result?.['stdout']]).toEqual([0, 'root']);
    expect(right.stdout).not.toContain(password);
  });
});
