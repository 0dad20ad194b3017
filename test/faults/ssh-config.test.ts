import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { folderOf, runner } from '../cli/program.js';
import { startSshd } from '../rig/sshd.js';

vi.setConfig({ testTimeout: 120_000 });

let rig: Awaited<ReturnType<typeof startSshd>>;
let folder: ReturnType<typeof folderOf>;

beforeAll(async () => {
  rig = await startSshd({ hostKeyTypes: ['ed25519', 'rsa'] });
  folder = folderOf({});
});

afterAll(async () => {
  folder.remove();
  await rig.stop();
});

it('what ~/.ssh/config says of hosts is followed by a run as by ssh: files within files, aliases, hops, host keys', async () => {
  const home = join(folder.path, 'home');
  const [key = ''] = rig.hostKeys;
  const port = String(rig.port);
  mkdirSync(join(home, '.ssh/conf.d'), { recursive: true });
  chmodSync(home, 0o755);
  const at = (name: string, text: string): void => writeFileSync(join(home, '.ssh', name), text);
  at('hashed', `[127.0.1.4]:${port} ${key}\n`);
  execFileSync('ssh-keygen', ['-q', '-H', '-f', join(home, '.ssh/hashed')], { stdio: 'ignore' });
  at('aliased', `known-as ${key}\n`);
  at('revoked', `* ${key}\n@revoked * ${key}\n`);
  at('authority', `@cert-authority * ${key}\n`);
  const lines = [
    'Include conf.d/*.conf',
    'Host aliased\n  HostName 127.0.1.1\n  HostKeyAlias known-as\n  UserKnownHostsFile ~/.ssh/none ~/.ssh/aliased',
    `Host jumped\n  HostName 127.0.1.2\n  ProxyJump ${rig.user.name}@127.0.1.8:${port},aliased`,
    `Host proxied "two words"\n  HostName=127.0.1.3\n  ProxyCommand ssh -F none -i ${rig.key} -o UserKnownHostsFile=${rig.knownHosts} -p %p -W 127.0.1.3:%p %r@127.0.1.7`,
    'Host hashed\n  HostName 127.0.1.4\n  UserKnownHostsFile ~/.ssh/hashed',
    'Host lax\n  HostName 127.0.1.5\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null',
    'Host fresh\n  HostName 127.0.1.6\n  StrictHostKeyChecking accept-new\n  UserKnownHostsFile ~/.ssh/fresh',
    'Host unknown\n  HostName 127.0.1.6\n  UserKnownHostsFile ~/.ssh/none',
    'Host revoked\n  HostName 127.0.1.6\n  UserKnownHostsFile ~/.ssh/revoked',
    'Host authority\n  HostName 127.0.1.6\n  UserKnownHostsFile ~/.ssh/authority',
    `Match originalhost matched\n  HostName 127.0.1.9\nMatch all\n  UserKnownHostsFile ${rig.knownHosts}`,
  ];
  at('config', `${lines.join('\n')}\n`);
  at('conf.d/all.conf', `Host *\n  Port ${port}\n  User ${rig.user.name}\n  IdentityFile ${rig.key}\n`);
  const good = ['aliased', 'fresh', 'hashed', 'jumped', 'lax', 'matched', 'proxied'];
  const bad = ['authority', 'revoked', 'unknown'];
  folder.write('inventory.yaml', `all:\n  hosts:\n${[...good, ...bad].map((name) => `    ${name}: {}\n`).join('')}`);
  const said = await runner(folder.path, ['exec', 'all', '--shell', '--', 'echo ${SSH_CONNECTION#* * }'], {
    HOME: home,
    SSH_AUTH_SOCK: '',
  });
  const told = said.stdout.split('\n').filter(Boolean).toSorted();
  const places = { aliased: 1, fresh: 6, hashed: 4, jumped: 2, lax: 5, matched: 9, proxied: 3 };
  expect(told, said.stderr).toEqual(
    Object.entries(places).map(([name, last]) => `${name} | 127.0.1.${String(last)} ${port}`),
  );
  expect(said.code).toBe(3);
  expect(said.stderr).toMatch(/^authority \| unreachable: .*host certificates are not supported$/m);
  expect(said.stderr).toMatch(/^revoked \| unreachable: .*is revoked by /m);
  expect(said.stderr).toMatch(/^unknown \| unreachable: .*is not known/m);
  expect(readFileSync(join(home, '.ssh/fresh'), 'utf8')).toBe(`[127.0.1.6]:${port} ${key}\n`);
  // The first hop, the second and the host itself were each logged in to once.
  const logins = (address: string): number =>
    rig
      .log()
      .split('\n')
      .filter((line) => line.includes('Connection from') && line.includes(`on ${address} port`)).length;
  expect(['127.0.1.8', '127.0.1.2'].map(logins)).toEqual([1, 1]);
});
