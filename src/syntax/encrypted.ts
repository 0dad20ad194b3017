import { isEncrypted, keyring } from '../secrets/keyring.js';
import type { LocatedScalar } from './located.js';

const listeners = new Set<(secret: string) => void>();

/** Tells every secret that is read from now on, decrypted or tagged as it stands: it is masked wherever it would be shown. */
export function onSecret(listener: (secret: string) => void): void {
  listeners.add(listener);
}

/**
 * A tagged value, told as a secret, with its plain text in the place of an encrypted one. A value that no password opens stays as it is,
 * with the reason: only who uses it meets a mistake.
 */
export function decryptedScalar(scalar: LocatedScalar): LocatedScalar {
  if (typeof scalar.value !== 'string') return scalar;
  if (!isEncrypted(scalar.value)) {
    // A template is no secret: what it reads may be one.
    if (!scalar.value.includes('<%')) tell(scalar.value);
    return scalar;
  }
  const opened = keyring.open(scalar.value);
  if (opened.kind === 'shut') return { ...scalar, shut: { reason: opened.reason, hint: opened.hint } };
  const value = opened.plain.toString('utf8');
  tell(value);
  return { ...scalar, value, source: value };
}

function tell(secret: string): void {
  for (const listener of listeners) listener(secret);
}
