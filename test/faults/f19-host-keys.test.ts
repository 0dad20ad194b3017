import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeKey, publicKey } from '../rig/sshd.js';
import { until } from '../rig/until.js';
import { faultHostForFile } from './support/fault-host.js';

const site = faultHostForFile();
let original: string;

beforeAll(async () => {
  original = readFileSync(site.host.knownHosts, 'utf8');
});

beforeEach(() => {
  writeFileSync(site.host.knownHosts, original);
});

const connections = (): number => site.host.log().split('Connection from').length - 1;

const playbook = `- hosts: web
  facts: false
  tasks:
    - name: One
      command: "true"
    - name: Two
      command: "true"
`;

async function refused(flags: readonly string[]): Promise<void> {
  const known = readFileSync(site.host.knownHosts, 'utf8');
  const before = connections();
  const { code, events, task } = await site.apply(playbook, ...flags).ended;
  expect(code).toBe(3);
  expect(events.find((event) => event.kind === 'host-unreachable')).toMatchObject({ host: 'h1', reason: 'host-key' });
  expect(task('Two')).toEqual({});
  expect(connections() - before).toBe(1);
  expect(readFileSync(site.host.knownHosts, 'utf8')).toBe(known);
}

describe('F19: a host key that is not the one written down', () => {
  it('is refused once when the host is unknown, and known_hosts is left alone', async () => {
    writeFileSync(site.host.knownHosts, '');
    await refused([]);
  });

  it.each([[[]], [['--host-key', 'accept-new']]])(
    'is refused once when it changed between two runs, with %j',
    async (flags) => {
      const other = join(site.host.directory, `other${String(flags.length)}`);
      makeKey(other, 'ed25519');
      writeFileSync(site.host.knownHosts, original.replaceAll(/ssh-ed25519 .*/g, publicKey(other)));
      await refused(flags);
    },
  );

  it('is refused when it is revoked', async () => {
    writeFileSync(
      site.host.knownHosts,
      `${original}@revoked * ${original.slice(original.indexOf('ssh-ed25519')).split('\n')[0] ?? ''}\n`,
    );
    await refused([]);
  });

  it('is refused when it changes between two tasks of a run', async () => {
    const { host } = site;
    const changed = join(site.folder.path, 'changed');
    const waits = `    - name: Waits
      wait_for: { path: ${changed}, sleep: 0.1 }
      delegate_to: localhost
`;
    const run = site.apply(playbook.replace('    - name: Two', `${waits}    - name: Two`));
    await run.begun('Waits');
    const file = join(host.directory, 'host_ed25519');
    copyFileSync(file, `${file}.old`);
    execFileSync('sh', ['-c', `rm ${file} ${file}.pub && ssh-keygen -q -t ed25519 -N '' -f ${file}`]);
    const listening = (): number => host.log().split('Server listening').length;
    const before = listening();
    process.kill(host.pid, 'SIGHUP');
    await until(() => listening() > before);
    host.killSessions();
    writeFileSync(changed, '');
    const { code, task, events } = await run.ended;
    expect([task('One')['h1']?.status, task('Two')['h1']?.status, code]).toEqual(['changed', 'unreachable', 3]);
    expect(JSON.stringify(events)).toContain('host-key');
  });
});
