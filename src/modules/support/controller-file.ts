import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from './controller-folder.js';

/** Bytes read at once from a file whose sum is taken. */
const readSize = 1024 * 1024;

/** SHA-256 of a file of the controller, read as a stream; undefined when there is none that can be read. */
export async function sumOfFile(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: readSize })) hash.update(chunk as Buffer);
  } catch {
    return undefined;
  }
  return hash.digest('hex');
}

/** A new file of the controller that is not yet in its place. */
export interface ReplacementFile {
  append(chunk: Buffer): Promise<void>;
  /** SHA-256 of all that was appended. */
  sum(): string;
  /** Puts it in its place at once, readable as the umask has it. */
  keep(): Promise<void>;
  /** Closes and removes it, unless it was kept. */
  drop(): Promise<void>;
}

let opened = 0;

/**
 * Opens a file beside `target`, for its owner alone until it is kept; makes the folders above it. What a runner that was
 * killed left there for the same target is removed.
 */
export async function replacementOf(target: string): Promise<ReplacementFile> {
  const folder = dirname(target);
  makeFolder(folder, 0o777);
  const mark = createHash('sha256').update(target).digest('hex').slice(0, 12);
  await removeLeftovers(folder, mark);
  // Two hosts may be fetched to one target at the same time: each has a file of its own, and the last one stays.
  opened += 1;
  const temporary = join(folder, `.runner-${String(process.pid)}-${String(opened)}-${mark}`);
  await rm(temporary, { force: true });
  const file = await open(temporary, 'wx', 0o600);
  const hash = createHash('sha256');
  let kept = false;
  return {
    append: async (chunk) => {
      hash.update(chunk);
      await file.writeFile(chunk);
    },
    sum: () => hash.copy().digest('hex'),
    keep: async () => {
      await file.sync();
      await chmod(temporary, 0o644 & ~process.umask());
      await rename(temporary, target);
      kept = true;
    },
    drop: async () => {
      await file.close();
      if (!kept) await rm(temporary, { force: true });
    },
  };
}

async function removeLeftovers(folder: string, mark: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, pid] = /^\.runner-(\d+)-(?:\d+-)?([0-9a-f]{12})$/.exec(name) ?? [];
    if (pid === undefined || !name.endsWith(mark) || isAlive(Number(pid))) continue;
    await rm(join(folder, name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process may not be signalled, but is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
