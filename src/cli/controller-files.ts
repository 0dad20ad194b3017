import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, type Stats } from 'node:fs';
import { lstat, open, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ModuleFailure, type ControllerEntry } from '../modules/types.js';
import type { ControllerFiles } from '../run/controller.js';
import { isEncrypted } from '../secrets/keyring.js';
import { decryptCopied } from './vault.js';

/** The controller's disk for a run: files to copy, templates to render. */
export function controllerFiles(playbookDirectory: string): ControllerFiles {
  return {
    playbookDirectory,
    exists,
    kind: reading(kind),
    readFile: reading((path) => readRegular(path)),
    decrypted: reading(decrypted),
    readTextNow,
    size: reading(size),
    fingerprint: reading(fingerprint),
    list: reading((path) => entriesBelow(path, { follow: false })),
    tree: reading((path) => entriesBelow(path, { follow: true })),
  };
}

/** What the controller's system refuses (no permission, a disk that fails) is a failure of the task that asked for it, in its words. */
function reading<Read>(read: (path: string) => Promise<Read>): (path: string) => Promise<Read> {
  return async (path) => {
    try {
      return await read(path);
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      throw new ModuleFailure(`cannot read ${path} on the controller: ${error.message}`);
    }
  };
}

async function readRegular(path: string): Promise<Buffer> {
  await regular(path);
  return readFile(path);
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
  await regular(path);
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
  const { size, mode } = await regular(path);
  return { size, mode: mode & 0o7777 };
}

/** Only what is a file can be read to its end: a device or a pipe may have none. */
async function regular(path: string): Promise<Stats> {
  const stats = await stat(path);
  if (!stats.isFile()) throw new ModuleFailure(`${path} on the controller is no regular file`);
  return stats;
}

async function fingerprint(
  path: string,
): Promise<{ readonly size: number; readonly sha256: string; readonly mode: number }> {
  const { mode } = await regular(path);
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: readSize })) {
    const bytes: Buffer = chunk;
    hash.update(bytes);
    size += bytes.length;
  }
  return { size, sha256: hash.digest('hex'), mode: mode & 0o7777 };
}

/** Folders come before what is in them; what links lead to is named in their place only where they are followed. */
async function entriesBelow(
  path: string,
  { follow }: { readonly follow: boolean },
): Promise<readonly ControllerEntry[]> {
  const found: ControllerEntry[] = [];
  const walk = async (below: string, above: readonly string[]): Promise<void> => {
    const way = follow ? [...above, await realpath(join(path, below))] : above;
    for (const name of (await readdir(join(path, below))).toSorted()) {
      const inner = below === '' ? name : `${below}/${name}`;
      const own = await lstat(join(path, inner));
      const stats = follow && own.isSymbolicLink() ? ((await reached(join(path, inner), way)) ?? own) : own;
      const mode = stats.mode & 0o7777;
      if (stats.isSymbolicLink()) found.push({ path: inner, kind: 'link', mode });
      else if (stats.isDirectory()) {
        found.push({ path: inner, kind: 'directory', mode });
        await walk(inner, way);
      } else found.push({ path: inner, kind: 'file', mode });
    }
  };
  await walk('', []);
  return found;
}

/** What a link leads to; undefined when that is nowhere or a folder of the way to it. */
async function reached(link: string, way: readonly string[]): Promise<Stats | undefined> {
  try {
    return way.includes(await realpath(link)) ? undefined : await stat(link);
  } catch (error) {
    if (isMissing(error) || (error instanceof Error && 'code' in error && error.code === 'ELOOP')) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
