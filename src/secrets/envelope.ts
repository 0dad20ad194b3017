import { createCipheriv, createDecipheriv, createHash, randomBytes, scryptSync } from 'node:crypto';
import { SecretFormatError } from './format-error.js';

/** The first line of a text encrypted by `runner secrets`; it is authenticated together with what follows. */
export const envelopeHeader = '$RUNNER;1;scrypt-aes256gcm';

/** A guess costs about 0.2 s and 64 MiB: N of 2^16 with blocks of 1 KiB. */
const cost = { N: 2 ** 16, r: 8, p: 1, maxmem: 128 * 1024 * 1024 };
const saltLength = 16;
const nonceLength = 12;
const tagLength = 16;
const lineLength = 76;

/** Encrypts with AES-256-GCM under a key of scrypt, with a fresh salt and nonce. A header and lines of base64. */
export function sealEnvelope(plain: Buffer, password: string): string {
  const salt = randomBytes(saltLength);
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv('aes-256-gcm', keyOf(password, salt), nonce).setAAD(Buffer.from(envelopeHeader));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  const body = Buffer.concat([salt, nonce, cipher.getAuthTag(), sealed]).toString('base64');
  const lines = Array.from({ length: Math.ceil(body.length / lineLength) }, (_none, index) =>
    body.slice(index * lineLength, (index + 1) * lineLength),
  );
  return `${[envelopeHeader, ...lines].join('\n')}\n`;
}

/** What was encrypted; undefined when the password is wrong or a bit was changed. Throws SecretFormatError. */
export function openEnvelope(text: string, password: string): Buffer | undefined {
  const [header = '', ...lines] = text.trimEnd().split(/\r?\n/);
  if (header.trimEnd() !== envelopeHeader)
    throw new SecretFormatError(`this version of runner reads ${envelopeHeader}, not ${header.slice(0, 60)}`);
  const body = lines.map((line) => line.trim()).join('');
  const bytes = Buffer.from(body, 'base64');
  const start = saltLength + nonceLength + tagLength;
  // Base64 leaves bits of its last letter unused and skips foreign letters: only the one way to write these bytes is taken.
  if (bytes.length < start || bytes.toString('base64') !== body)
    throw new SecretFormatError('the encrypted text is damaged: it is cut, or holds letters that are no base64');
  const nonce = bytes.subarray(saltLength, saltLength + nonceLength);
  const decipher = createDecipheriv('aes-256-gcm', keyOf(password, bytes.subarray(0, saltLength)), nonce, {
    authTagLength: tagLength,
  })
    .setAAD(Buffer.from(envelopeHeader))
    .setAuthTag(bytes.subarray(saltLength + nonceLength, start));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(start)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** Keys of this process: a file read twice costs one derivation. */
const keys = new Map<string, Buffer>();

function keyOf(password: string, salt: Buffer): Buffer {
  const name = createHash('sha256').update(salt).update(password).digest('hex');
  const key = keys.get(name) ?? scryptSync(password, salt, 32, cost);
  keys.set(name, key);
  return key;
}
