import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync, type Stats } from 'node:fs';
import { resolve } from 'node:path';
import { isEncrypted } from '../secrets/keyring.js';
import type { FileReader } from '../syntax/files.js';
import { decryptFile } from './vault.js';

/** Files of YAML, templates and inventories are far smaller; what is larger is copied as a stream, never read whole. */
const largestFile = 64 * 1024 * 1024;
const programSeconds = 60;

/** The controller's files as the rooms without I/O are given them. Relative paths start at the working directory. */
export function nodeFiles(): FileReader {
  return { read, kind, list, run };
}

function read(path: string): string | undefined {
  const text = readAsWritten(path);
  return text !== undefined && isEncrypted(text) ? decryptFile(path, text) : text;
}

/** The text of a file, encrypted when the file is; undefined when there is none. Throws Error. */
export function readAsWritten(path: string): string | undefined {
  const stats = statOf(path);
  if (stats === undefined) return undefined;
  if (stats.isDirectory()) throw new Error('it is a directory');
  if (stats.size > largestFile) throw new Error(`it has ${stats.size} bytes, the most is ${largestFile}`);
  const bytes = stats.isFile() ? readFileSync(path) : readToEnd(path);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new Error('it is not UTF-8 text', { cause: error });
  }
}

/** What a pipe or a device gives: neither tells its size, and some have no end. */
function readToEnd(path: string): Buffer {
  const chunks: Buffer[] = [];
  let size = 0;
  const file = openSync(path, 'r');
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(64 * 1024);
      const read = readSync(file, chunk);
      if (read === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, read));
      size += read;
      if (size > largestFile) throw new Error(`it has no end within ${largestFile} bytes`);
    }
  } finally {
    closeSync(file);
  }
}

function kind(path: string): 'file' | 'directory' | 'executable' | undefined {
  const stats = statOf(path);
  if (stats === undefined) return undefined;
  if (stats.isDirectory()) return 'directory';
  return (stats.mode & 0o111) === 0 ? 'file' : 'executable';
}

function list(path: string): readonly string[] {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function run(path: string, args: readonly string[]): string {
  try {
    return execFileSync(resolve(path), args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: programSeconds * 1000,
      maxBuffer: largestFile,
    });
  } catch (error) {
    throw new Error(failureOf(error), { cause: error });
  }
}

/** Why a program failed, in its own words where it had any. */
function failureOf(error: unknown): string {
  const { code, status, signal, stderr } = error as {
    code?: string;
    status?: number | null;
    signal?: string | null;
    stderr?: string;
  };
  const said = stderr?.trim();
  if (said !== undefined && said !== '') return said;
  if (code === 'ETIMEDOUT') return `it did not end within ${programSeconds} seconds`;
  if (code === 'EACCES' || code === 'ENOEXEC') return 'it cannot be executed';
  if (typeof status === 'number') return `it exited with ${status}`;
  if (typeof signal === 'string') return `it was killed by ${signal}`;
  return error instanceof Error ? error.message : String(error);
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'ENOENT' || code === 'ENOTDIR';
}
