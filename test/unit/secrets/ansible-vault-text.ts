import { createCipheriv, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

/** A text as ansible-vault 1.1 writes it, made after its documentation and not by the code under test. */
export function ansibleVaultText(plain: string, password: string, label?: string): string {
  const salt = randomBytes(32);
  const keys = pbkdf2Sync(password, salt, 10_000, 80, 'sha256');
  const fill = 16 - (Buffer.byteLength(plain) % 16);
  const cipher = createCipheriv('aes-256-ctr', keys.subarray(0, 32), keys.subarray(64));
  const sealed = Buffer.concat([
    cipher.update(Buffer.concat([Buffer.from(plain), Buffer.alloc(fill, fill)])),
    cipher.final(),
  ]);
  const signature = createHmac('sha256', keys.subarray(32, 64)).update(sealed).digest('hex');
  const inner = [salt.toString('hex'), signature, sealed.toString('hex')].join('\n');
  const body =
    Buffer.from(inner)
      .toString('hex')
      .match(/.{1,80}/g) ?? [];
  const header = label === undefined ? '$ANSIBLE_VAULT;1.1;AES256' : `$ANSIBLE_VAULT;1.2;AES256;${label}`;
  return `${[header, ...body].join('\n')}\n`;
}
