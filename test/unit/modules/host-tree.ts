import { createHash } from 'node:crypto';
import { chmod, link, lstat, mkdir, readFile, readdir, readlink, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** What a case file says of a path: `null` is nothing there. A name that ends with `/` is a folder. */
export const treeSchema = z.record(
  z.string(),
  z.union([
    z.null(),
    z.string(),
    z.strictObject({
      content: z.string().optional(),
      base64: z.string().optional(),
      mode: z.string().optional(),
      link: z.string().optional(),
      hard: z.string().optional(),
    }),
  ]),
);

export type Tree = z.output<typeof treeSchema>;

/** Makes the files of a tree below a folder. */
export async function plantTree(root: string, tree: Tree): Promise<void> {
  for (const [name, entry] of Object.entries(tree)) {
    const path = join(root, name);
    const wish = typeof entry === 'string' ? { content: entry } : (entry ?? {});
    await mkdir(name.endsWith('/') ? path : dirname(path), { recursive: true });
    if (wish.link !== undefined) await symlink(wish.link.replaceAll('ROOT', root), path);
    else if (wish.hard !== undefined) await link(join(root, wish.hard), path);
    else if (!name.endsWith('/')) await writeFile(path, bytesOf(wish));
    if (wish.mode !== undefined) await chmod(path, Number.parseInt(wish.mode, 8));
  }
}

/** How the paths of a wanted tree really are, in the words of the tree: to be compared with `toEqual`. */
export async function readTreeAs(root: string, wanted: Tree): Promise<Tree> {
  const found: [string, Tree[string]][] = [];
  for (const [name, entry] of Object.entries(wanted)) {
    const path = join(root, name).replace(/\/$/, '');
    const info = await lstat(path).catch(() => undefined);
    if (info === undefined) found.push([name, null]);
    else if (entry === null) found.push([name, 'something is there']);
    else if (typeof entry === 'string') found.push([name, await readFile(path, 'utf8')]);
    else {
      const mode = (info.mode & 0o7777).toString(8).padStart(4, '0');
      found.push([
        name,
        {
          ...(entry.content === undefined ? {} : { content: await readFile(path, 'utf8') }),
          ...(entry.base64 === undefined ? {} : { base64: (await readFile(path)).toString('base64') }),
          ...(entry.mode === undefined ? {} : { mode }),
          ...(entry.link === undefined ? {} : { link: info.isSymbolicLink() ? await readlink(path) : 'no link' }),
          ...(entry.hard === undefined
            ? {}
            : { hard: (await sameFile(path, join(root, entry.hard))) ? entry.hard : 'no' }),
        },
      ]);
    }
  }
  return Object.fromEntries(found);
}

/** A checksum of everything below a folder: names, kinds, modes, owners, times of change, contents. */
export async function fingerprintTree(root: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of ['.', ...(await readdir(root, { recursive: true })).sort()]) {
    const path = join(root, name);
    const info = await lstat(path);
    hash.update(JSON.stringify([name, info.mode, info.uid, info.gid, info.mtimeMs, info.ctimeMs]));
    if (info.isFile()) hash.update(await readFile(path));
    if (info.isSymbolicLink()) hash.update(await readlink(path));
  }
  return hash.digest('hex');
}

function bytesOf(wish: { readonly content?: string | undefined; readonly base64?: string | undefined }): Buffer {
  return wish.base64 === undefined ? Buffer.from(wish.content ?? '') : Buffer.from(wish.base64, 'base64');
}

async function sameFile(left: string, right: string): Promise<boolean> {
  const [one, two] = await Promise.all([lstat(left), lstat(right)]);
  return one.ino === two.ino && one.dev === two.dev;
}
