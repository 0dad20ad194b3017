import { describe, expect, it } from 'vitest';
import { openAnsibleVault } from '../../../src/secrets/ansible-vault.js';
import { openEnvelope, sealEnvelope } from '../../../src/secrets/envelope.js';
import { SecretFormatError } from '../../../src/secrets/format-error.js';
import { Keyring } from '../../../src/secrets/keyring.js';
import { ansibleVaultText } from './ansible-vault-text.js';

const plain = 'db_password: s3cret-höher\n'.repeat(8);

/** Whether a text is refused: by its shape or by its seal. */
function refused(open: () => Buffer | undefined): boolean {
  try {
    return open() === undefined;
  } catch (error) {
    if (error instanceof SecretFormatError) return true;
    throw error;
  }
}

function flipped(text: string, bit: number): string {
  const bytes = Buffer.from(text, 'latin1');
  const at = bit >> 3;
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
  return bytes.toString('latin1');
}

describe('the envelope', () => {
  it('gives back what was encrypted, binary and empty too, and never the same text twice', () => {
    const binary = Buffer.from([0, 255, 10, 13, 0]);
    for (const bytes of [Buffer.from(plain), binary, Buffer.alloc(0)])
      expect(openEnvelope(sealEnvelope(bytes, 'pass'), 'pass')).toEqual(bytes);
    expect(sealEnvelope(binary, 'pass')).not.toBe(sealEnvelope(binary, 'pass'));
  });

  it('shows nothing of what it holds, and does not open with another password', () => {
    const text = sealEnvelope(Buffer.from(plain), 'pass');
    expect(text).toMatch(/^\$RUNNER;1;scrypt-aes256gcm\n(?:[A-Za-z0-9+/=]{1,76}\n)+$/);
    expect(openEnvelope(text, 'Pass')).toBeUndefined();
    expect(openEnvelope(text, '')).toBeUndefined();
  });

  it('refuses a text with any of 200 bits flipped, or cut', () => {
    const text = sealEnvelope(Buffer.from(plain), 'pass');
    const bits = text.trimEnd().length * 8;
    const opened = Array.from({ length: 200 }, (_none, index) => Math.floor((index * bits) / 200) + (index % 5)).filter(
      (bit) => !refused(() => openEnvelope(flipped(text, Math.min(bit, bits - 1)), 'pass')),
    );
    expect(opened).toEqual([]);
    for (const length of [0, 10, 40, 90, text.length - 5])
      expect(
        refused(() => openEnvelope(text.slice(0, length), 'pass')),
        `cut at ${length}`,
      ).toBe(true);
  }, 120_000);
});

describe("Ansible's vault", () => {
  it('is read in versions 1.1 and 1.2, with any length of padding', () => {
    for (const length of [0, 1, 15, 16, 17, 300]) {
      const text = 'x'.repeat(length);
      expect(openAnsibleVault(ansibleVaultText(text, 'pass'), 'pass')?.toString()).toBe(text);
    }
    expect(openAnsibleVault(ansibleVaultText(plain, 'pass', 'prod'), 'pass')?.toString()).toBe(plain);
  });

  it('does not open with another password or with a bit flipped', () => {
    const text = ansibleVaultText(plain, 'pass');
    expect(openAnsibleVault(text, 'other')).toBeUndefined();
    const letters = [...text.matchAll(/3/g)].map(({ index }) => index).filter((index) => index > 30);
    for (const index of letters.filter((_each, position) => position % 10 === 0)) {
      const changed = `${text.slice(0, index)}2${text.slice(index + 1)}`;
      expect(
        refused(() => openAnsibleVault(changed, 'pass')),
        `letter ${index}`,
      ).toBe(true);
    }
  });
});

describe('the keyring', () => {
  it('tries its passwords in turn', () => {
    const keys = new Keyring();
    keys.use(['one', 'two']);
    expect(keys.open(ansibleVaultText('x', 'two'))).toEqual({ kind: 'open', plain: Buffer.from('x') });
    expect(keys.open(sealEnvelope(Buffer.from('y'), 'one'))).toEqual({ kind: 'open', plain: Buffer.from('y') });
  });

  it('says whether no password was given or none opens', () => {
    const keys = new Keyring();
    const text = ansibleVaultText('x', 'right');
    expect(keys.open(text)).toMatchObject({ kind: 'shut', reason: 'it is encrypted and no password was given' });
    keys.use(['wrong']);
    expect(keys.open(text)).toMatchObject({ kind: 'shut', reason: 'it is encrypted and no password given opens it' });
    expect(keys.open('$ANSIBLE_VAULT;9.9;AES256\n61')).toMatchObject({
      kind: 'shut',
      reason: expect.stringContaining('9.9'),
    });
  });
});
