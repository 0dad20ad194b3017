import { describe, expect, test } from 'vitest';
import { editKnownHosts } from '../../../src/modules/known_hosts.js';

const one = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIone';
const two = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAItwo';
const rsa = 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB';
const edit = (file: string, wish: Partial<Parameters<typeof editKnownHosts>[1]> = {}): string =>
  editKnownHosts(file, { name: 'web', key: one, state: 'present', hash_host: false, ...wish });

describe('known_hosts', () => {
  test('gets a key at its end', () => {
    expect(edit(`# mine\ndb ${two}`)).toBe(`# mine\ndb ${two}\nweb ${one}\n`);
  });
  test('stays as it is when it has the key', () => {
    expect(edit(`web,10.0.0.1 ${one} a comment\n`)).toBe(`web,10.0.0.1 ${one} a comment\n`);
  });
  test('loses the old key of the same kind, and keeps those of other kinds and of other names', () => {
    expect(edit(`web,10.0.0.1 ${two}\nweb ${rsa}\n`)).toBe(`10.0.0.1 ${two}\nweb ${rsa}\nweb ${one}\n`);
  });
  test('takes what ssh-keyscan prints', () => {
    expect(edit('', { key: `# web:22 SSH-2.0\nweb ${one}\nweb ${rsa}\n` })).toBe(`web ${one}\nweb ${rsa}\n`);
  });
  test('knows a hashed name again', () => {
    const hashed = edit('', { hash_host: true });
    expect(hashed).toMatch(/^\|1\|/);
    expect(edit(hashed, { hash_host: true })).toBe(hashed);
    expect(edit(hashed, { state: 'absent', key: undefined })).toBe('');
  });
  test('loses all keys of a host, not the revoked ones', () => {
    expect(edit(`web ${one}\nweb ${rsa}\n@revoked web ${two}\n`, { state: 'absent', key: undefined })).toBe(
      `@revoked web ${two}\n`,
    );
  });
  test('is given no key of another host', () => {
    expect(() => edit('', { key: `db ${one}` })).toThrow('a key of db');
    expect(() => edit('', { key: 'hello' })).toThrow('no public key');
  });
});
