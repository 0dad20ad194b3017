import { describe, expect, it } from 'vitest';
import { loadSshConfig, noSshConfig, type SshConfigHost } from '../../../src/inventory/ssh-config.js';
import { memoryFiles } from './load.js';

function lookUp(
  query: { readonly host: string; readonly user?: string },
  files: Readonly<Record<string, string>> | string,
): SshConfigHost {
  const all = typeof files === 'string' ? { '/home/me/.ssh/config': files } : files;
  return loadSshConfig({
    paths: ['/home/me/.ssh/config', '/etc/ssh/ssh_config'],
    files: memoryFiles(all),
    home: '/home/me',
    localUser: 'me',
  }).lookUp(query);
}

describe('ssh_config', () => {
  it('gives the first value that is said, and every key', () => {
    const config =
      'Host web* !web9\n  User first\n  IdentityFile ~/.ssh/%h\n  IdentityFile /key\n  Port 2222\nHost *\n  User second\n  Port 1\n';
    expect(lookUp({ host: 'web1' }, config)).toMatchObject({
      user: 'first',
      port: 2222,
      identityFiles: ['/home/me/.ssh/web1', '/key'],
    });
    expect(lookUp({ host: 'web9' }, config)).toMatchObject({ user: 'second', port: 1, identityFiles: [] });
  });

  it('reads what a connection needs, whatever the case of the words', () => {
    const config = `host a
  hostname %h.example
  identitiesonly yes
  identityagent ~/agent
  proxyjump one,two
  userknownhostsfile ~/.ssh/a /b
  stricthostkeychecking no
  hostkeyalias alias
  connecttimeout 1m30
  serveraliveinterval 15
  forwardagent yes
  compression yes
`;
    expect(lookUp({ host: 'a' }, config)).toMatchObject({
      hostName: 'a.example',
      identitiesOnly: true,
      identityAgent: '/home/me/agent',
      proxyJump: ['one', 'two'],
      userKnownHostsFiles: ['/home/me/.ssh/a', '/b'],
      strictHostKeyChecking: 'off',
      hostKeyAlias: 'alias',
      connectTimeoutSeconds: 90,
      serverAliveIntervalSeconds: 15,
      forwardAgent: true,
      compression: true,
    });
  });

  it.each([
    ['yes', 'strict'],
    ['ask', 'strict'],
    ['accept-new', 'accept-new'],
    ['off', 'off'],
    ['sometimes', undefined],
  ])('takes StrictHostKeyChecking %s for %s', (text, policy) => {
    expect(lookUp({ host: 'a' }, `StrictHostKeyChecking ${text}`).strictHostKeyChecking).toBe(policy);
  });

  it('knows none', () => {
    const config =
      'ProxyJump none\nProxyCommand none\nIdentityAgent none\nUserKnownHostsFile none\nIdentityFile none\n';
    expect(lookUp({ host: 'a' }, config)).toMatchObject({
      proxyJump: [],
      proxyCommand: undefined,
      identityAgent: false,
      userKnownHostsFiles: [],
      identityFiles: [],
    });
  });

  it('replaces tokens in a proxy command', () => {
    expect(
      lookUp({ host: 'a', user: 'u' }, 'Host a\n  HostName b\n  Port 23\n  ProxyCommand ssh -W "%h:%p" %r@gate 100%%\n')
        .proxyCommand,
    ).toBe('ssh -W "b:23" u@gate 100%');
  });

  it('follows Match host and Match user, and never runs Match exec', () => {
    const config = 'Match host a\n  Port 1\nMatch user u\n  Port 2\nMatch exec "touch /tmp/never"\n  Port 3\n';
    expect(lookUp({ host: 'a' }, config).port).toBe(1);
    expect(lookUp({ host: 'b', user: 'u' }, config).port).toBe(2);
    expect(lookUp({ host: 'b' }, config).port).toBeUndefined();
  });

  it('tells what a Match exec that is not run could have said of a host, and nothing where it could not', () => {
    const config =
      'Match host a exec "test -e \\"x\\""\n  Port 3\nMatch !exec true host b\n  User u\nHost *\n  Port 1\n';
    expect(lookUp({ host: 'a' }, config)).toMatchObject({ port: 1, notFollowed: ['port'] });
    expect(lookUp({ host: 'b' }, config).notFollowed).toEqual(['user']);
    expect(lookUp({ host: 'c' }, config).notFollowed).toBeUndefined();
    expect(lookUp({ host: 'c' }, 'Match exec true\n  HostName d\n').notFollowed).toEqual(['hostname']);
  });

  it('includes files, whose sections end with them', () => {
    const files = {
      '/home/me/.ssh/config': 'Include conf.d/*.conf ~/missing\nForwardAgent yes\nHost a\n  Include inner\n  Port 3\n',
      '/home/me/.ssh/conf.d/10.conf': 'Host b\n  User included\n',
      '/home/me/.ssh/conf.d/.hidden.conf': 'User hidden\n',
      '/home/me/.ssh/inner': 'HostName inner.example\n',
      '/etc/ssh/ssh_config': 'User machine\nInclude /etc/ssh/ssh_config.d/*\n',
      '/etc/ssh/ssh_config.d/x': 'Port 99\n',
    };
    expect(lookUp({ host: 'a' }, files)).toMatchObject({
      forwardAgent: true,
      port: 3,
      hostName: 'inner.example',
      user: 'machine',
    });
    expect(lookUp({ host: 'b' }, files)).toMatchObject({ forwardAgent: true, port: 99, user: 'included' });
  });

  it('survives a file that includes itself', () => {
    expect(lookUp({ host: 'a' }, { '/home/me/.ssh/config': 'Include config\nPort 5\n' }).port).toBe(5);
  });

  it('asks no name server, whatever it says', () => {
    expect(
      lookUp({ host: 'a' }, 'Host *\n  CanonicalizeHostName yes\n  CanonicalDomains example.invalid\n  Port 4\n').port,
    ).toBe(4);
  });

  it('may be missing', () => {
    expect(lookUp({ host: 'a' }, {})).toMatchObject({ identityFiles: [], port: undefined });
    expect(noSshConfig.lookUp({ host: 'a' })).toEqual({ identityFiles: [] });
  });
});
