import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type ParsedKey } from 'ssh2';

/** The keys ssh tries when none is named, in its order of strength. */
const defaultKeyNames = ['id_ed25519', 'id_ecdsa', 'id_rsa'] as const;

/** A key that can sign, or one of which only the public half is at hand (the agent may hold the other). */
export interface LoadedKey {
  readonly path: string;
  readonly key: ParsedKey;
}

export interface LoadedKeys {
  readonly keys: readonly LoadedKey[];
  /** What stood in the way of other keys, one sentence each, for the message when nothing else works. */
  readonly problems: readonly string[];
}

export interface KeyRequest {
  /** Files, in order; empty: the defaults of ssh that are there. */
  readonly paths: readonly string[];
  readonly passphrase: string | undefined;
}

/** Reads the private keys. Nothing asks at a terminal: an encrypted key without its passphrase is a problem told. */
export async function loadKeys(request: KeyRequest): Promise<LoadedKeys> {
  const named = request.paths.length > 0;
  const paths = named ? request.paths : defaultKeyNames.map((name) => join(homedir(), '.ssh', name)).filter(existsSync);
  const keys: LoadedKey[] = [];
  const problems: string[] = [];
  for (const path of paths) {
    const loaded = await loadKey(path, request.passphrase);
    if ('key' in loaded) keys.push(loaded);
    else problems.push(loaded.problem);
    if (existsSync(`${path}-cert.pub`)) problems.push(`${path}-cert.pub is not used: certificates are not supported`);
  }
  return { keys, problems };
}

/** Decrypting takes some 0.3 s of CPU a key (bcrypt), and hundreds of hosts share one key. */
const decrypted = new Map<string, ParsedKey>();

async function loadKey(
  path: string,
  passphrase: string | undefined,
): Promise<LoadedKey | { readonly problem: string }> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    return { problem: `the key ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
  const text = bytes.toString('latin1');
  if (/^(ssh|ecdsa)-\S+-cert-v01@openssh\.com /.test(text)) {
    return { problem: `${path} is a certificate: certificates are not supported, name the private key` };
  }
  const cacheKey = JSON.stringify([path, text, passphrase ?? null]);
  const known = decrypted.get(cacheKey);
  if (known !== undefined) return { path, key: known };
  const parsed = ssh2.utils.parseKey(bytes, passphrase);
  // A key file holds one key; ssh2 gives a list for OpenSSH's own format.
  const key: ParsedKey | Error | undefined = Array.isArray(parsed) ? (parsed as ParsedKey[])[0] : parsed;
  if (key === undefined || key instanceof Error) {
    return { problem: keyProblem({ path, text, passphrase, error: key?.message ?? 'no key in it' }) };
  }
  decrypted.set(cacheKey, key);
  return { path, key };
}

function keyProblem(options: {
  readonly path: string;
  readonly text: string;
  readonly passphrase: string | undefined;
  readonly error: string;
}): string {
  const { path, text, passphrase, error } = options;
  const body = Buffer.from(text.replace(/-----[^-]*-----/g, ''), 'base64').toString('latin1');
  if (/sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com/.test(body)) {
    return `the key ${path} lives on a security key (FIDO), which is not supported`;
  }
  if (/encrypted/i.test(error) && passphrase === undefined) {
    return `the key ${path} is encrypted and no passphrase was given (ssh.passphrase, or load it into an agent)`;
  }
  if (passphrase !== undefined && /passphrase|decrypt|integrity/i.test(error)) {
    return `the passphrase of the key ${path} is wrong`;
  }
  return `the key ${path} cannot be used: ${error}`;
}
