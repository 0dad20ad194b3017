import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNetworkHost, type NetworkHost } from '../rig/network-host.js';
import { siteOf, type Site } from './support/fault-host.js';

let host: NetworkHost;
let site: Site;
const shells = {
  fish: '/usr/bin/fish',
  tcsh: '/usr/bin/tcsh',
  dash: '/bin/dash',
  bash: '/bin/bash',
  rbash: '/bin/rbash',
  nologin: '/usr/sbin/nologin',
  noisy: '/bin/bash',
  denies: '/bin/bash',
  slow: '/bin/bash',
} as const;

beforeAll(async () => {
  host = await startNetworkHost({ config: ['Banner /etc/os-release', 'PrintMotd yes'] });
  const users = Object.entries(shells).map(([name, shell]) => ({
    ...host.addUser({ name: `${host.user.name}${name.slice(0, 4)}`, shell }),
    host: name,
  }));
  const profile = (name: keyof typeof shells, text: string): void => {
    const home = users.find((user) => user.host === name)?.home ?? '';
    for (const file of ['.bashrc', '.profile', '.bash_profile']) appendFileSync(join(home, file), text);
  };
  profile('noisy', 'echo "hello from my profile"; echo oops >&2; printf "\\033]0;title\\007"\n');
  profile('denies', 'echo "Permission denied"; echo "Password:"; echo "Connection closed"\n');
  profile('slow', 'sleep 2\n');
  site = siteOf(
    users.map((user) => ({
      name: user.host,
      address: host.address,
      rig: host,
      user: user.name,
    })),
  );
});

afterAll(async () => {
  site.remove();
  await host.stop();
});

const playbook = (hosts: string): string => `- hosts: ${hosts}
  tasks:
    - name: Exact
      shell: "printf '%s' \\"it's \\\\$HOME !x\\"; echo err >&2; exit 0"
    - name: Copied
      copy: { content: "a\\nb", dest: "~/copied" }
    - name: Wrong
      shell: "X=1; if then"
      ignore_errors: true
    - name: Read
      shell: cat ~/copied
`;

describe('F16: login shells', () => {
  it('of every kind run what is asked, and a syntax error is never a success', async () => {
    const names = ['fish', 'tcsh', 'dash', 'bash'];
    const { task, code } = await site.apply(playbook(names.join(','))).ended;
    expect(code).toBe(0);
    for (const name of names) {
      expect(task('Exact')[name]?.result).toMatchObject({ stdout: "it's $HOME !x", stderr: 'err' });
      expect(task('Read')[name]?.result).toMatchObject({ stdout: 'a\nb' });
      expect(task('Wrong')[name]?.status).toBe('failed');
    }
  });

  it('that run nothing make a host unreachable with their own words', async () => {
    const { task, code, events } = await site.apply(playbook('nologin,rbash')).ended;
    expect(code).toBe(3);
    expect(task('Read')).toEqual({});
    const told = events.filter((event) => event.kind === 'host-unreachable');
    expect(told.map((event) => event.host).toSorted()).toEqual(['nologin', 'rbash']);
    expect(told.map((event) => event.message).join()).toMatch(
      /not available[^]*restricted|restricted[^]*not available/,
    );
  });
});

describe('F17: noise of banners, messages of the day and profiles', () => {
  it('is in no result, breaks no transfer, and is taken for no failure', async () => {
    const names = ['noisy', 'denies', 'slow'];
    const { task, code } = await site.apply(playbook(names.join(','))).ended;
    expect(code).toBe(0);
    for (const name of names) {
      expect(task('Exact')[name]?.result).toMatchObject({ stdout: "it's $HOME !x", stderr: 'err' });
      expect(task('Read')[name]?.result).toMatchObject({ stdout: 'a\nb' });
    }
  });
});
