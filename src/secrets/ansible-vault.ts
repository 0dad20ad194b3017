import { createDecipheriv, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { SecretFormatError } from './format-error.js';

/** `$ANSIBLE_VAULT;1.1;AES256`, or 1.2 with a label behind. */
const header = /^\$ANSIBLE_VAULT;1\.(?:1;AES256|2;AES256;\S+)$/;
const rounds = 10_000;

/**
 * What `ansible-vault` encrypted; undefined when the password is wrong or a bit was changed. The format is that of
 * Ansible's documentation ("Ansible Vault payload format 1.1 - 1.2"). Throws SecretFormatError.
 */
export function openAnsibleVault(text: string, password: string): Buffer | undefined {
  const [first = '', ...lines] = text.trimEnd().split(/\r?\n/);
  if (!header.test(first.trimEnd()))
    throw new SecretFormatError(`of Ansible's vault 1.1 and 1.2 with AES256 are read, not ${first.slice(0, 60)}`);
  const parts = fromHex(lines.map((line) => line.trim()).join(''))
    .toString('latin1')
    .split('\n')
    .map(fromHex);
  const [salt, signature, sealed] = parts;
  if (salt === undefined || signature === undefined || sealed === undefined || parts.length !== 3) throw damaged();
  const derived = pbkdf2Sync(password, salt, rounds, 80, 'sha256');
  const expected = createHmac('sha256', derived.subarray(32, 64)).update(sealed).digest();
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) return undefined;
  const decipher = createDecipheriv('aes-256-ctr', derived.subarray(0, 32), derived.subarray(64, 80));
  return withoutPadding(Buffer.concat([decipher.update(sealed), decipher.final()]));
}

/** PKCS#7: the last byte says how many bytes were filled in, each with that number. */
function withoutPadding(padded: Buffer): Buffer {
  const count = padded.at(-1) ?? 0;
  const filled = padded.subarray(padded.length - count);
  if (count < 1 || count > 16 || filled.length !== count || filled.some((byte) => byte !== count)) throw damaged();
  return padded.subarray(0, padded.length - count);
}

function fromHex(text: string): Buffer {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) throw damaged();
  return Buffer.from(text, 'hex');
}

function damaged(): SecretFormatError {
  return new SecretFormatError(
    'the encrypted text is damaged: it is cut, or holds letters that are no hexadecimal digits',
  );
}
