import { describe, expect, test } from 'vitest';
import { keyBytes, signedBy, sourceOf, sourcesName } from '../../../src/modules/support/apt-sources.js';

describe('a repository of apt', () => {
  test('is named by its address, as Ansible does', () => {
    expect(sourcesName('deb [arch=amd64] https://me:pw@download.docker.com/linux/debian bookworm stable')).toBe(
      'download_docker_com_linux_debian',
    );
  });
  test('is known again whatever its white space and comments', () => {
    expect(sourceOf('deb  [ arch=amd64 ]  http://x y z # mine')).toBe('deb [arch=amd64] http://x y z');
    expect(sourceOf('# deb http://x y z')).toBeUndefined();
  });
  test('names its key beside its other options', () => {
    expect(signedBy('deb http://x y z', '/k')).toBe('deb [signed-by=/k] http://x y z');
    expect(signedBy('deb [arch=all] http://x y z', '/k')).toBe('deb [arch=all signed-by=/k] http://x y z');
    expect(signedBy('deb [signed-by=/o] http://x y z', '/k')).toBe('deb [signed-by=/o] http://x y z');
  });
  test('has a key in either form, and nothing else', () => {
    const binary = Buffer.from([0x99, 1, 2, 3, 4]);
    const text = `-----BEGIN PGP PUBLIC KEY BLOCK-----\nVersion: 1\n\n${binary.toString('base64')}\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n`;
    expect(keyBytes(Buffer.from(text))).toEqual(binary);
    expect(keyBytes(Buffer.from(text.replace('Version: 1\n', '')))).toEqual(binary);
    expect(keyBytes(binary)).toEqual(binary);
    expect(keyBytes(Buffer.from('<html>'))).toBeUndefined();
  });
});
