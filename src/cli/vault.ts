import { execFileSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Diagnostics, InputError } from '../core/diagnostic.js';
import { isEncrypted, keyring } from '../secrets/keyring.js';
import type { Masker } from '../shell/masker.js';
import { onSecret } from '../syntax/encrypted.js';
import type { Located } from '../syntax/located.js';
import { parseYaml } from '../syntax/parse-yaml.js';
import { askSecret } from './prompt.js';

/** Where the passwords of encrypted values and files come from. */
export interface VaultOptions {
  readonly vaultPasswordFile?: readonly string[];
  readonly askVaultPass?: boolean;
}

/** Shorter texts are too common in outputs to be masked wherever they stand. */
const shortest = 4;

const secrets = new Set<string>();
const maskers = new Set<Masker>();

/** Reads the passwords that the flags and RUNNER_VAULT_PASSWORD_FILE name. Throws InputError. */
export async function unlock(options: VaultOptions): Promise<void> {
  const fromEnvironment = process.env['RUNNER_VAULT_PASSWORD_FILE'] ?? '';
  const files = [...(options.vaultPasswordFile ?? []), ...(fromEnvironment === '' ? [] : [fromEnvironment])];
  const passwords = files.map(passwordOf);
  if (options.askVaultPass === true) passwords.push(await askSecret('Vault password: '));
  for (const password of passwords) learn(password);
  keyring.use(passwords);
  onSecret(learn);
}

/** Makes a masker know what was decrypted so far and what will be. */
export function tellSecrets(masker: Masker): void {
  maskers.add(masker);
  for (const secret of secrets) masker.learn(secret);
}

/** The plain text of a whole file: every text in it is a secret when it is YAML, otherwise every line. Throws Error. */
export function decryptFile(path: string, text: string): string {
  const plain = decryptBytes(text).toString('utf8');
  const located = parseYaml({ text: plain, file: path, diagnostics: new Diagnostics() });
  if (located !== undefined) learnTexts(located);
  return plain;
}

/** The plain bytes of a file that is copied or rendered; its lines are masked. Throws Error. */
export function decryptCopied(text: string): Buffer {
  const plain = decryptBytes(text);
  // The lines of a template with code in them are never shown as they are written.
  for (const line of plain.toString('utf8').split(/\r?\n/)) if (!line.includes('<%')) learn(line);
  return plain;
}

function decryptBytes(text: string): Buffer {
  const opened = keyring.open(text);
  if (opened.kind === 'open') return opened.plain;
  throw new Error(`${opened.reason}; ${opened.hint}`);
}

function learnTexts(located: Located): void {
  if (located.kind === 'list') for (const item of located.items) learnTexts(item);
  else if (located.kind === 'map') for (const entry of located.entries) learnTexts(entry.value);
  else if (typeof located.value === 'string' && !located.value.includes('<%')) learn(located.value);
}

function learn(secret: string): void {
  if (secret.trim().length < shortest || isEncrypted(secret)) return;
  secrets.add(secret);
  for (const masker of maskers) masker.learn(secret);
}

/** The first line of a file, or of what it prints when it is executable. Throws InputError. */
export function passwordOf(path: string): string {
  const password = printed(path).split(/\r?\n/)[0]?.trim() ?? '';
  if (password === '') throw failed(path, 'it holds no password');
  return password;
}

function printed(path: string): string {
  try {
    return isExecutable(path)
      ? execFileSync(resolve(path), [], { encoding: 'utf8', stdio: ['inherit', 'pipe', 'inherit'] })
      : readFileSync(path, 'utf8');
  } catch (error) {
    throw failed(path, error instanceof Error ? error.message : String(error));
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function failed(path: string, reason: string): InputError {
  return new InputError([
    { severity: 'error', code: 'vault-password', message: `cannot read a password from ${path}: ${reason}` },
  ]);
}
