import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { siteOf, type Site } from '../faults/support/fault-host.js';
import { startRunner } from '../faults/support/program.js';
import { startNetworkHost, type NetworkHost } from '../rig/network-host.js';
import { until } from '../rig/until.js';

vi.setConfig({ testTimeout: 180_000 });

let jump: NetworkHost;
let socket: string;
let agent: ChildProcess;
let site: Site;

beforeAll(async () => {
  jump = await startNetworkHost();
  socket = join(jump.directory, 'agent');
  agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  await until(() => existsSync(socket));
  execFileSync('ssh-add', ['-q', jump.key], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
  const behind = { address: '127.0.0.1', rig: jump, user: jump.user.name };
  site = siteOf([
    { name: 'jump', address: jump.address, rig: jump, user: jump.user.name, ssh: ', agent: true' },
    { name: 'asked', ...behind, ssh: ', jump: [jump], agent: true, forward_agent: true' },
    { name: 'unasked', ...behind, ssh: ', jump: [jump], agent: true' },
  ]);
});

afterAll(async () => {
  agent.kill();
  site.remove();
  await jump.stop();
});

/** The sockets of forwarded agents that sshd has made for the user. What else vanishes from /tmp meanwhile is nobody's fault. */
const sockets = (): string =>
  spawnSync('find', ['/tmp', '-maxdepth', '2', '-user', jump.user.name, '-path', '/tmp/ssh-*', '-type', 's'], {
    encoding: 'utf8',
  }).stdout.trim();

describe('S18: the agent of the controller', () => {
  it('is there and signs on the host it was asked for, and on no other, nor on the jump host', async () => {
    site.folder.write(
      'site.yaml',
      `- hosts: all
  facts: false
  tasks:
    - { name: who, shell: 'echo "[$SSH_AUTH_SOCK]"; ssh-add -l 2>&1 || true', changed_when: false }
`,
    );
    const { code, task, stdout } = await startRunner({
      directory: site.folder.path,
      args: ['apply', '--output', 'json', 'site.yaml'],
      environment: { SSH_AUTH_SOCK: socket },
    }).ended;
    expect(code, stdout).toBe(0);
    const said = (host: string): unknown => task('who')[host]?.result?.['stdout'];
    expect(said('asked')).toMatch(/^\[\/tmp\/ssh-.*\]\n256 SHA256:.*ED25519/);
    expect(said('unasked')).toMatch(/^\[\]\n/);
    expect(said('jump')).toMatch(/^\[\]\n/);
  });

  it('leaves one socket while the connection of that host lives, and none behind it', async () => {
    const listing = `- hosts: HOST
  facts: false
  tasks: [{ name: sockets, shell: "find /tmp -maxdepth 2 -user $(id -un) -path '/tmp/ssh-*' -type s | wc -l" }]
`;
    const count = async (host: string): Promise<unknown> => {
      // sshd takes the socket away a moment after its connection ended.
      await until(() => sockets() === '');
      site.folder.write('list.yaml', listing.replace('HOST', host));
      const run = startRunner({
        directory: site.folder.path,
        args: ['apply', '--output', 'json', 'list.yaml'],
        environment: { SSH_AUTH_SOCK: socket },
      });
      return (await run.ended).task('sockets')[host]?.result?.['stdout'];
    };
    expect([await count('asked'), await count('unasked'), await count('jump')]).toEqual(['1', '0', '0']);
    await until(() => sockets() === '');
  });
});
