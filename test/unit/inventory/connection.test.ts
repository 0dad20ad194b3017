import { describe, expect, it } from 'vitest';
import { Diagnostics } from '../../../src/core/diagnostic.js';
import { type ConnectionOverrides, resolveConnection } from '../../../src/inventory/connection.js';
import { loadSshConfig } from '../../../src/inventory/ssh-config.js';
import type { ConnectionSettings } from '../../../src/inventory/types.js';
import { problemsOf } from '../syntax/read.js';
import { inventoryOf, memoryFiles, variablesOf } from './load.js';

interface Case {
  readonly inventory: string;
  readonly host?: string;
  readonly sshConfig?: string;
  readonly overrides?: ConnectionOverrides;
  readonly agentSocket?: string;
}

function resolve({ inventory: text, host = 'h1', sshConfig, overrides, agentSocket }: Case): {
  readonly settings: ConnectionSettings | undefined;
  readonly problems: readonly string[];
} {
  const inventory = inventoryOf(text);
  const diagnostics = new Diagnostics();
  const settings = resolveConnection({
    host,
    inventory,
    variablesOf: (name) => variablesOf(inventory, name),
    surroundings: {
      localUser: 'me',
      home: '/home/me',
      ...(agentSocket === undefined ? {} : { agentSocket }),
      sshConfig: loadSshConfig({
        paths: ['/home/me/.ssh/config'],
        files: memoryFiles({ '/home/me/.ssh/config': sshConfig ?? '' }),
        home: '/home/me',
        localUser: 'me',
      }),
    },
    ...(overrides === undefined ? {} : { overrides }),
    diagnostics,
  });
  return { settings, problems: problemsOf(diagnostics) };
}

const one = (ssh: string): string => `web: {hosts: {h1: {ssh: ${ssh}}}}\n`;

describe('how a host is reached', () => {
  it('has safe defaults', () => {
    expect(resolve({ inventory: 'web: {hosts: {h1: }}' })).toEqual({
      problems: [],
      settings: {
        kind: 'ssh',
        address: 'h1',
        port: 22,
        user: 'me',
        keys: [],
        forwardAgent: false,
        compression: false,
        identitiesOnly: false,
        hostKey: 'strict',
        knownHosts: ['/home/me/.ssh/known_hosts', '/home/me/.ssh/known_hosts2', '/etc/ssh/ssh_known_hosts'],
        jump: [],
        connectTimeoutSeconds: 10,
        keepaliveSeconds: 10,
      },
    });
  });

  it('is said by the ssh map', () => {
    const ssh =
      '{host: 192.0.2.1, port: 2222, user: ops, key: [~/a, /b], passphrase: p, password: q, agent: false, host_key: accept-new, known_hosts: k, connect_timeout: 5s, keepalive: 500ms, forward_agent: true, compression: true}';
    expect(resolve({ inventory: one(ssh), agentSocket: '/agent' }).settings).toMatchObject({
      address: '192.0.2.1',
      port: 2222,
      user: 'ops',
      keys: ['/home/me/a', '/b'],
      passphrase: 'p',
      password: 'q',
      hostKey: 'accept-new',
      knownHosts: ['k'],
      connectTimeoutSeconds: 5,
      keepaliveSeconds: 0.5,
      forwardAgent: true,
      compression: true,
      identitiesOnly: true,
    });
    expect(resolve({ inventory: one(ssh), agentSocket: '/agent' }).settings).not.toHaveProperty('agent');
  });

  it('uses the agent of the environment unless it is told otherwise', () => {
    expect(resolve({ inventory: one('{}'), agentSocket: '/agent' }).settings?.agent).toBe('/agent');
    expect(resolve({ inventory: one('{agent: ~/other}'), agentSocket: '/agent' }).settings?.agent).toBe(
      '/home/me/other',
    );
    expect(
      resolve({ inventory: one('{}'), agentSocket: '/agent', sshConfig: 'IdentityAgent none' }).settings,
    ).not.toHaveProperty('agent');
    expect(
      resolve({ inventory: one('{agent: true}'), agentSocket: '/agent', sshConfig: 'IdentityAgent none' }).settings
        ?.agent,
    ).toBe('/agent');
  });

  it('lets flags win over the inventory, and the inventory over ~/.ssh/config', () => {
    const sshConfig =
      'Host h1\n  User config\n  Port 1\n  HostName config.example\n  ServerAliveInterval 7\n  IdentityFile ~/config_key\n';
    expect(resolve({ inventory: one('{port: 2}'), sshConfig, overrides: { user: 'flag' } }).settings).toMatchObject({
      user: 'flag',
      port: 2,
      address: 'config.example',
      keepaliveSeconds: 7,
      keys: ['/home/me/config_key'],
    });
    expect(
      resolve({ inventory: one('{user: ops, key: mine}'), sshConfig, overrides: { keys: ['flag_key'], port: 3 } })
        .settings,
    ).toMatchObject({ user: 'ops', port: 3, keys: ['flag_key'] });
  });

  it('looks ~/.ssh/config up by the address that the inventory gives', () => {
    const sshConfig = 'Host 192.0.2.*\n  User net\nHost h1\n  User name\n';
    expect(resolve({ inventory: one('{host: 192.0.2.9}'), sshConfig }).settings?.user).toBe('net');
  });

  it('is local when Ansible says so, and for localhost that is not in the inventory', () => {
    expect(resolve({ inventory: 'web: {hosts: {h1: {ansible_connection: local}}}' }).settings?.kind).toBe('local');
    expect(resolve({ inventory: 'web: {hosts: {h1: }}', host: 'localhost' }).settings?.kind).toBe('local');
    expect(resolve({ inventory: 'web: {hosts: {localhost: }}', host: 'localhost' }).settings?.kind).toBe('ssh');
  });

  it('is refused when what templates gave makes no sense', () => {
    const inventory = inventoryOf('web:\n  hosts:\n    h1:\n      ssh: {port: <%= p %>}\n');
    const diagnostics = new Diagnostics();
    const settings = resolveConnection({
      host: 'h1',
      inventory,
      variablesOf: () => ({ ssh: { port: 'x', user: '' } }),
      surroundings: { localUser: 'me', home: '/home/me' },
      diagnostics,
    });
    expect(settings).toBeUndefined();
    expect(problemsOf(diagnostics)).toEqual([
      '4:12 wrong-type: `port` must be a number, this is text',
      '4:12 wrong-type: `user` must not be empty',
    ]);
  });
});

describe('a host or user that a shell could mistake', () => {
  it.each(['a;touch x', '$(id)', '-oProxyCommand=x', 'a b', '`id`', "a'b"])('is refused: %s', (word) => {
    for (const key of ['host', 'user']) {
      const diagnostics = new Diagnostics();
      const settings = resolveConnection({
        host: 'h1',
        inventory: inventoryOf('web: {hosts: {h1: }}'),
        variablesOf: () => ({ ssh: { [key]: word } }),
        surroundings: { localUser: 'me', home: '/home/me' },
        diagnostics,
      });
      expect([settings, diagnostics.all.map(({ code }) => code)]).toEqual([undefined, ['unsafe-word']]);
    }
  });
});

describe('hosts to jump through', () => {
  const addresses = (result: ReturnType<typeof resolve>): readonly string[] | undefined =>
    result.settings?.jump.map(({ user, address, port }) => `${user}@${address}:${port}`);

  it('are hosts of the inventory with their own settings and their own way', () => {
    const inventory =
      'web: {hosts: {h1: {ssh: {jump: inner}}}}\nb: {hosts: {inner: {ssh: {host: 192.0.2.2, user: two, jump: outer}}, outer: {ssh: {host: 192.0.2.1, user: one, port: 222}}}}';
    expect(addresses(resolve({ inventory }))).toEqual(['one@192.0.2.1:222', 'two@192.0.2.2:22']);
  });

  it('may be written as user@host:port, several in order', () => {
    expect(
      addresses(
        resolve({
          inventory: one('{jump: ["a@b.example:2222", "c.example", "ssh://d@[2001:db8::1]:22"]}'),
          sshConfig: 'Host c.example\n  User config\n',
        }),
      ),
    ).toEqual(['a@b.example:2222', 'config@c.example:22', 'd@2001:db8::1:22']);
  });

  it('come from ~/.ssh/config when the inventory has none', () => {
    expect(
      addresses(
        resolve({
          inventory: one('{}'),
          sshConfig: 'Host h1\n  ProxyJump x@one,two:23\nHost two\n  HostName two.example\n',
        }),
      ),
    ).toEqual(['x@one:22', 'me@two.example:23']);
    expect(addresses(resolve({ inventory: one('{jump: none}'), sshConfig: 'Host h1\n  ProxyJump one\n' }))).toEqual([]);
  });

  it('are not jumped through to reach themselves', () => {
    const inventory = 'all: {vars: {ssh: {jump: bastion}}}\nweb: {hosts: {h1: , bastion: {ssh: {host: 192.0.2.9}}}}';
    expect(addresses(resolve({ inventory }))).toEqual(['me@192.0.2.9:22']);
    expect(addresses(resolve({ inventory, host: 'bastion' }))).toEqual([]);
  });

  it('do not get the flags that are meant for the hosts', () => {
    expect(addresses(resolve({ inventory: one('{jump: j}'), overrides: { user: 'flag', port: 9 } }))).toEqual([
      'me@j:22',
    ]);
  });

  it('may not go in a circle', () => {
    const result = resolve({ inventory: 'web:\n  hosts:\n    h1: {ssh: {jump: h2}}\n    h2: {ssh: {jump: h1}}\n' });
    expect(result).toEqual({
      settings: undefined,
      problems: ['3:15 jump-cycle: the hosts to jump through go in a circle: `h1` → `h2` → `h1`'],
    });
  });

  it('must be names', () => {
    expect(resolve({ inventory: one('{jump: "-oProxyCommand=x"}') }).problems).toEqual([
      expect.stringContaining('jump-host: `-oProxyCommand=x` is no host to jump through'),
    ]);
  });

  it('win over a ProxyCommand', () => {
    expect(resolve({ inventory: one('{}'), sshConfig: 'ProxyCommand nc %h %p' }).settings?.proxyCommand).toBe(
      'nc h1 22',
    );
    expect(
      resolve({ inventory: one('{jump: j}'), sshConfig: 'Host h1\n ProxyCommand nc %h %p' }).settings,
    ).not.toHaveProperty('proxyCommand');
  });
});
