import { createHash } from 'node:crypto';
import type { Controller } from '../types.js';

/** A folder of the controller with a Dockerfile, and a hash of all that decides what is built from it. */
export interface BuildFolder {
  readonly path: string;
  readonly hash: string;
  /** The names at its top, which is what is sent. */
  readonly entries: readonly string[];
}

/** The label in which a built image keeps the hash of what it was built from. */
export const buildHashLabel = 'runner.build-hash';

/** Hashes every file of a build folder (path, mode, content) with the build's settings; the order of the files counts for nothing. */
export async function readBuildFolder(
  controller: Controller,
  options: { readonly path: string; readonly dockerfile: string; readonly args: Readonly<Record<string, string>> },
): Promise<BuildFolder> {
  const { path, dockerfile, args } = options;
  const hash = createHash('sha256');
  const add = (...words: readonly string[]): void => void hash.update(`${JSON.stringify(words)}\n`);
  add('dockerfile', dockerfile);
  for (const [name, value] of Object.entries(args).sort(byName)) add('argument', name, value);
  const entries = await controller.list(path);
  for (const entry of entries) {
    const executable = (entry.mode & 0o111) === 0 ? '' : 'x';
    const content = entry.kind === 'file' ? (await controller.fingerprint(`${path}/${entry.path}`)).sha256 : '';
    add(entry.kind, entry.path, executable, content);
  }
  const top = entries.filter((entry) => !entry.path.includes('/')).map((entry) => entry.path);
  return { path, hash: hash.digest('hex'), entries: top };
}

function byName(left: readonly [string, string], right: readonly [string, string]): number {
  return left[0] < right[0] ? -1 : 1;
}
