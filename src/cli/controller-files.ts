import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { lstat, open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ModuleFailure } from '../modules/types.js';
import type { ControllerFiles } from '../run/controller.js';
import { isEncrypted } from '../secrets/keyring.js';
import { decryptCopied } from './vault.js';

/** The controller's disk for a run: files to copy, templates to render. */
export function controllerFiles(playbookDirectory: string): ControllerFiles {
  return {
    playbookDirectory,
    exists,
    kind,
    readFile: (path) => readFile(path),
    decrypted,
    readTextNow,
    size,
    fingerprint,
    list,
  };
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

async function kind(path: string): Promise<'file' | 'directory'> {
  return (await stat(path)).isDirectory() ? 'directory' : 'file';
}

function readTextNow(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    return isEncrypted(text) ? opened(path, text).toString('utf8') : text;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** The longest beginning that tells an encrypted file from others, in bytes. */
const markLength = 32;

async function decrypted(path: string): Promise<Buffer | undefined> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(markLength), position: 0 });
    if (!isEncrypted(buffer.toString('latin1', 0, bytesRead))) return undefined;
    return opened(path, await readFile(path, 'latin1'));
  } finally {
    await file.close();
  }
}

function opened(path: string, text: string): Buffer {
  try {
    return decryptCopied(text);
  } catch (error) {
    throw new ModuleFailure(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Bytes read at once: the default of 64 KiB costs as much again as the sum of a large file. */
const readSize = 1024 * 1024;

async function size(path: string): Promise<{ readonly size: number; readonly mode: number }> {
  const { size, mode } = await stat(path);
  return { size, mode: mode & 0o7777 };
}

async function fingerprint(
  path: string,
): Promise<{ readonly size: number; readonly sha256: string; readonly mode: number }> {
  const { mode } = await stat(path);
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: readSize })) {
    const bytes: Buffer = chunk;
    hash.update(bytes);
    size += bytes.length;
  }
  return { size, sha256: hash.digest('hex'), mode: mode & 0o7777 };
}

type Entry = Awaited<ReturnType<ControllerFiles['list']>>[number];

/** Folders come before what is in them; links are named and not followed. */
async function list(path: string): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  const walk = async (below: string): Promise<void> => {
    for (const name of (await readdir(join(path, below))).toSorted()) {
      const inner = below === '' ? name : `${below}/${name}`;
      const stats = await lstat(join(path, inner));
      const mode = stats.mode & 0o7777;
      if (stats.isSymbolicLink()) found.push({ path: inner, kind: 'link', mode });
      else if (stats.isDirectory()) {
        found.push({ path: inner, kind: 'directory', mode });
        await walk(inner);
      } else found.push({ path: inner, kind: 'file', mode });
    }
  };
  await walk('');
  return found;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
