import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { cpSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { user } from '../../../src/modules/user.js';
import { localController } from './local-controller.js';
import { isThere, localHost } from './local-host.js';
import { applyModule, previewModule, type Pass } from './run-module.js';

/*
 * The real useradd, usermod, chage, chpasswd and ssh-keygen on a copy of this machine's accounts: each script runs in a
 * mount namespace of its own with the copy in the place of /etc and a folder in that of /home.
 */
let root = '';
const host = () =>
  localHost({
    name: 'sh',
    command: [
      'unshare',
      '-m',
      'sh',
      '-c',
      'mount --bind "$0/etc" /etc && mount --bind "$0/home" /home && exec sh "$1"',
      root,
    ],
    path: '/usr/sbin:/usr/bin:/sbin:/bin',
  });
const request = (params: Record<string, unknown>) => ({
  module: user,
  params: { name: 'tester', ...params },
  controller: localController(root, {}),
});
const apply = (params: Record<string, unknown>): Promise<Pass> => applyModule(host(), request(params));
const parts = async (params: Record<string, unknown>): Promise<unknown> => {
  const comparison = await previewModule(host(), request(params));
  return comparison.kind === 'change' ? comparison.changes.map(({ part }) => part) : comparison.kind;
};
const shadow = async (): Promise<readonly string[]> => {
  const lines = (await readFile(join(root, 'etc/shadow'), 'utf8')).split('\n');
  return lines.find((line) => line.startsWith('tester:'))?.split(':') ?? [];
};

// Only root may mount.
describe.each(process.getuid?.() === 0 && isThere('unshare') ? ['unshare'] : [])(
  'accounts in a namespace of %s',
  () => {
    beforeAll(async () => {
      root = await mkdtemp(join(tmpdir(), 'runner-user-'));
      await mkdir(join(root, 'etc'));
      await mkdir(join(root, 'home'));
      for (const name of ['passwd', 'shadow', 'group', 'gshadow', 'login.defs', 'nsswitch.conf', 'pam.d', 'security'])
        cpSync(join('/etc', name), join(root, 'etc', name), { recursive: true });
      for (const name of ['pam.conf', 'environment']) await writeFile(join(root, 'etc', name), '');
      await mkdir(join(root, 'etc/default'));
      await mkdir(join(root, 'etc/skel'));
      await writeFile(join(root, 'etc/skel/.profile'), '');
    });
    afterAll(() => rm(root, { recursive: true, force: true }));

    test('a user is made with its key, its limits and a locked password, once', async () => {
      const params = {
        password: '$6$salt$hash',
        password_lock: true,
        expires: 1_893_456_000,
        password_expire_max: 90,
        generate_ssh_key: true,
        ssh_key_type: 'ed25519',
        ssh_key_comment: 'tester here',
        ssh_key_passphrase: 'a secret here',
      };
      const { comparison, result } = await apply(params);
      expect(comparison.kind).toBe('change');
      expect(result?.values).toMatchObject({
        ssh_key_file: '/home/tester/.ssh/id_ed25519',
        ssh_public_key: expect.stringMatching(/^ssh-ed25519 \S+ tester here$/),
        ssh_fingerprint: expect.stringContaining('SHA256:'),
      });
      const [, hash, , , maximum, , , expires] = await shadow();
      expect([hash, maximum, expires]).toEqual(['!$6$salt$hash', '90', '21915']);
      const key = await stat(join(root, 'home/tester/.ssh/id_ed25519'));
      expect([key.mode & 0o777, key.uid]).toEqual([0o600, (await stat(join(root, 'home/tester'))).uid]);
      expect(await readFile(join(root, 'home/tester/.ssh/id_ed25519'), 'utf8')).toContain('OPENSSH PRIVATE KEY');
      expect(await parts(params)).toBe('same');
    });

    test('an account that ended goes on for ever, and its password is opened as it was', async () => {
      const params = { expires: -1, password_lock: false };
      expect(await parts(params)).toEqual(['password lock', 'expires']);
      await apply(params);
      const fields = await shadow();
      expect([fields[1], fields[7]]).toEqual(['$6$salt$hash', '']);
      expect(await parts(params)).toBe('same');
    });

    test('a lock keeps the password that is behind it', async () => {
      await apply({ password_lock: true });
      expect((await shadow())[1]).toBe('!$6$salt$hash');
      expect(await parts({ password: '$6$salt$hash', password_lock: true })).toBe('same');
      await apply({ password: '$6$salt$other', password_lock: true });
      expect((await shadow())[1]).toBe('!$6$salt$other');
    });

    test('a home folder moves when that is wished, and is made anew when not', async () => {
      await writeFile(join(root, 'home/tester/mine'), 'mine');
      await apply({ home: '/home/moved', move_home: true });
      expect(await readFile(join(root, 'home/moved/mine'), 'utf8')).toBe('mine');
      await apply({ home: '/home/empty' });
      expect(await readFile(join(root, 'home/moved/mine'), 'utf8')).toBe('mine');
      expect((await stat(join(root, 'home/empty/.profile'))).isFile()).toBe(true);
      expect(await parts({ home: '/home/empty' })).toBe('same');
    });
  },
);

test('a passphrase that ssh-keygen would refuse is refused before', () => {
  const parsed = user.params.safeParse({ name: 'x', generate_ssh_key: true, ssh_key_passphrase: 'four' });
  expect(parsed.error?.issues[0]?.message).toContain('five characters or more');
});
