import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { text as readAll } from 'node:stream/consumers';
import { InputError } from '../../core/diagnostic.js';
import { exitCode } from '../../core/exit-code.js';
import { sealEnvelope } from '../../secrets/envelope.js';
import { isEncrypted, keyring } from '../../secrets/keyring.js';
import { askSecret } from '../prompt.js';
import { printLine } from '../terminal.js';
import { passwordOf } from '../vault.js';

/** `runner secrets encrypt FILE…`. All files are read and encrypted before the first is written. Throws InputError. */
export function encryptFiles(files: readonly string[]): number {
  const sealed = files.map((file) => {
    const bytes = readBytes(file);
    if (isEncrypted(bytes.toString('latin1'))) throw mistake(`${file} is encrypted already`);
    return { file, text: seal(bytes) };
  });
  for (const { file, text } of sealed) replaceFile(file, text);
  return exitCode.done;
}

/** `runner secrets decrypt FILE…`. Throws InputError, before the first file is written. */
export function decryptFiles(files: readonly string[]): number {
  const opened = files.map((file) => ({ file, plain: openFile(file) }));
  for (const { file, plain } of opened) replaceFile(file, plain);
  return exitCode.done;
}

/** `runner secrets view FILE…`: to standard output, as it is. Throws InputError. */
export function viewFiles(files: readonly string[]): number {
  for (const plain of files.map(openFile)) process.stdout.write(plain);
  return exitCode.done;
}

/** `runner secrets rekey FILE…`. Throws InputError, before the first file is written. */
export function rekeyFiles(files: readonly string[], passwordFile: string): number {
  const password = passwordOf(passwordFile);
  const sealed = files.map((file) => ({ file, text: sealEnvelope(openFile(file), password) }));
  for (const { file, text } of sealed) replaceFile(file, text);
  return exitCode.done;
}

/** `runner secrets encrypt-string`: the text of standard input (every byte of it) as YAML. Throws InputError. */
export async function encryptString(options: { readonly name?: string }): Promise<number> {
  const plain = process.stdin.isTTY ? await askSecret('Text to encrypt: ') : await readAll(process.stdin);
  const lines = seal(Buffer.from(plain, 'utf8')).trimEnd().split('\n');
  printLine(`${options.name === undefined ? '' : `${options.name}: `}!vault |`);
  for (const line of lines) printLine(`  ${line}`);
  return exitCode.done;
}

function seal(plain: Buffer): string {
  const sealed = keyring.seal(plain);
  if (sealed !== undefined) return sealed;
  throw mistake('there is no password to encrypt with', 'name a file that holds it with --vault-password-file');
}

/** The plain bytes of an encrypted file. Throws InputError. */
export function openFile(file: string): Buffer {
  const text = readBytes(file).toString('latin1');
  if (!isEncrypted(text)) throw mistake(`${file} is not encrypted`);
  const opened = keyring.open(text);
  if (opened.kind === 'open') return opened.plain;
  throw mistake(`${file} cannot be decrypted: ${opened.reason}`, opened.hint);
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw mistake(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Puts a new file, readable by its owner alone, in the place of the old one at once. A link stays: its target is replaced. */
export function replaceFile(file: string, content: Buffer | string): void {
  const target = realpathSync(file);
  const beside = `${target}.${randomBytes(8).toString('hex')}`;
  const descriptor = openSync(beside, 'wx', 0o600);
  try {
    writeFileSync(descriptor, content);
    fsyncSync(descriptor);
    renameSync(beside, target);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** What a user did wrong with a secret. */
export function mistake(message: string, hint?: string): InputError {
  return new InputError([{ severity: 'error', code: 'secrets', message, ...(hint === undefined ? {} : { hint }) }]);
}
