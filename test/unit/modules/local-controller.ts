import ejs from 'ejs';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { lstat, readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Value } from '../../../src/template/value.js';
import { ModuleFailure, type Controller, type ControllerEntry } from '../../../src/modules/types.js';

/** A folder as the controller's files; templates see `variables`. */
export function localController(folder: string, variables: Readonly<Record<string, unknown>>): Controller {
  return {
    playbookDirectory: folder,
    async find(path) {
      const found = join(folder, path);
      if (!existsSync(found)) throw new ModuleFailure(`there is no ${path} in ${folder}`);
      return found;
    },
    readFile: (path) => readFile(path),
    decrypted: async () => undefined,
    kind: async (path) => ((await stat(path)).isDirectory() ? 'directory' : 'file'),
    async size(path) {
      const { size, mode } = await stat(path);
      return { size, mode: mode & 0o7777 };
    },
    async fingerprint(path) {
      const bytes = await readFile(path);
      const { mode } = await stat(path);
      return { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), mode: mode & 0o7777 };
    },
    list,
    tree: list,
    async variables(path) {
      const value: unknown = parse(ejs.render(await readFile(path, 'utf8'), variables, { escape: String }));
      return value as Readonly<Record<string, Value>>;
    },
    async render(path) {
      return ejs.render(await readFile(path, 'utf8'), variables, { escape: String });
    },
  };
}

async function list(path: string): Promise<readonly ControllerEntry[]> {
  const names = (await readdir(path, { recursive: true })).sort();
  const items = await Promise.all(
    names.map(async (name) => {
      const info = await lstat(join(path, name));
      const kind = info.isDirectory()
        ? ('directory' as const)
        : info.isSymbolicLink()
          ? ('link' as const)
          : ('file' as const);
      return { path: name, kind, mode: info.mode & 0o7777 };
    }),
  );
  return items.sort((left, right) => Number(right.kind === 'directory') - Number(left.kind === 'directory'));
}
