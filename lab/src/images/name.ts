import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A short hash of everything an image is made from: a changed recipe is a new image, an unchanged one is never built twice. */
export function fingerprint(parts: readonly string[], directories: readonly string[] = []): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part}\0`);
  for (const directory of directories) addDirectory(hash, directory);
  return hash.digest('hex').slice(0, 12);
}

function addDirectory(hash: ReturnType<typeof createHash>, directory: string): void {
  for (const name of readdirSync(directory).sort()) {
    const path = join(directory, name);
    const stat = statSync(path);
    hash.update(`${name}\0${stat.mode & 0o111}\0`);
    if (stat.isDirectory()) addDirectory(hash, path);
    else hash.update(readFileSync(path));
  }
}
