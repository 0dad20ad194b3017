import type { HostKeyPolicy } from '../inventory/types.js';
import { fingerprint, keyType, linesFor, type KnownHostLine } from './known-hosts.js';

/** What is to be done about the key a host showed. */
export type HostKeyVerdict =
  | { readonly kind: 'accept' }
  /** accept-new: a host never seen before; the key is to be written down. */
  | { readonly kind: 'learn' }
  | { readonly kind: 'refuse'; readonly message: string; readonly hint: string };

export interface HostKeyQuestion {
  readonly policy: HostKeyPolicy;
  /** By `knownHostName`. */
  readonly name: string;
  readonly key: Buffer;
  readonly known: readonly KnownHostLine[];
  /** Where `strict` looked, for the message. */
  readonly files: readonly string[];
}

/** Judges a host key. A key that differs from the one written down, or is revoked, is refused under every policy but `off`. */
export function judgeHostKey(question: HostKeyQuestion): HostKeyVerdict {
  const { policy, name, key } = question;
  if (policy === 'off') return { kind: 'accept' };
  const lines = linesFor(question.known, name);
  const revoked = lines.find((line) => line.marker === 'revoked' && line.key.equals(key));
  if (revoked !== undefined) {
    return {
      kind: 'refuse',
      message: `the host key of ${name} (${describe(key)}) is revoked by ${place(revoked)}`,
      hint: 'somebody else may hold this key: do not connect before the host has a new one',
    };
  }
  const entries = lines.filter((line) => line.marker === 'none');
  if (entries.some((line) => line.key.equals(key))) return { kind: 'accept' };
  if (entries.length > 0) return changed(question, entries);
  const authority = lines.find((line) => line.marker === 'cert-authority');
  if (authority !== undefined) {
    return {
      kind: 'refuse',
      message: `${place(authority)} trusts ${name} by certificate, and host certificates are not supported`,
      hint: `add the host's own key as an ordinary line: ssh-keyscan prints it; compare ${describe(key)} first`,
    };
  }
  if (policy === 'accept-new') return { kind: 'learn' };
  return {
    kind: 'refuse',
    message: `the host key of ${name} is not known: ${describe(key)} is in none of ${question.files.join(', ') || '(no file)'}`,
    hint: 'compare the fingerprint on the host (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub) and add the key with ssh-keyscan, or set host_key: accept-new',
  };
}

function changed(question: HostKeyQuestion, entries: readonly KnownHostLine[]): HostKeyVerdict {
  const { name, key } = question;
  // The same type says "changed" for sure; else the host shows a type that nobody wrote down.
  const old = entries.find((line) => line.type === keyType(key)) ?? entries[0];
  const was = old === undefined ? '' : `; ${place(old)} has ${describe(old.key)}`;
  const remove = old === undefined ? '' : ` (ssh-keygen -f ${old.file} -R '${name}')`;
  return {
    kind: 'refuse',
    message: `the host key of ${name} has changed: the host shows ${describe(key)}${was}`,
    hint: `the host was set up anew, or somebody is in between: compare the fingerprint on the host, then remove the old line${remove}`,
  };
}

function describe(key: Buffer): string {
  return `${keyType(key)} ${fingerprint(key)}`;
}

function place(line: KnownHostLine): string {
  return `${line.file}:${String(line.line)}`;
}
