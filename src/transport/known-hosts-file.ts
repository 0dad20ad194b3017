import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { keyType, parseKnownHosts, type KnownHostLine } from './known-hosts.js';

/** What each file held last: hundreds of hosts share one file of hundreds of lines. */
const parsed = new Map<string, { readonly text: string; readonly lines: readonly KnownHostLine[] }>();

/** Every entry of the files, in their order; a file that is not there has none. Throws for one that cannot be read. */
export async function readKnownHosts(files: readonly string[]): Promise<readonly KnownHostLine[]> {
  const lines: (readonly KnownHostLine[])[] = [];
  for (const file of files) {
    try {
      lines.push(linesOf(await readFile(file, 'utf8'), file));
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
  }
  return lines.flat();
}

function linesOf(text: string, file: string): readonly KnownHostLine[] {
  const known = parsed.get(file);
  if (known?.text === text) return known.lines;
  const lines = parseKnownHosts(text, file);
  parsed.set(file, { text, lines });
  return lines;
}

/**
 * Appends an entry. The file is made 0600 with its directory 0700. One write of one short line with O_APPEND: runs
 * that append at the same time do not tear each other's lines, so no lock is needed.
 */
export async function appendKnownHost(
  file: string,
  entry: { readonly name: string; readonly key: Buffer },
): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, 'a+', 0o600);
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    const newline = size > 0 && last[0] !== 0x0a ? '\n' : '';
    await handle.write(`${newline}${entry.name} ${keyType(entry.key)} ${entry.key.toString('base64')}\n`);
  } finally {
    await handle.close();
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
