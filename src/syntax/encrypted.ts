import { isEncrypted, keyring } from '../secrets/keyring.js';
import type { LocatedScalar } from './located.js';

const listeners = new Set<(secret: string) => void>();

/** Tells every value that is decrypted from now on: it is masked wherever it would be shown. */
export function onDecrypted(listener: (secret: string) => void): void {
  listeners.add(listener);
}

/**
 * A tagged value with its plain text in the place of an encrypted one. A value that no password opens stays as it is,
 * with the reason: only who uses it meets a mistake.
 */
export function decryptedScalar(scalar: LocatedScalar): LocatedScalar {
  if (typeof scalar.value !== 'string' || !isEncrypted(scalar.value)) return scalar;
  const opened = keyring.open(scalar.value);
  if (opened.kind === 'shut') return { ...scalar, shut: { reason: opened.reason, hint: opened.hint } };
  const value = opened.plain.toString('utf8');
  for (const listener of listeners) listener(value);
  return { ...scalar, value, source: value };
}
