import { existsSync, mkdirSync, lstatSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../machine/process.js';
import type { Step } from '../step.js';

const mergedFolders = ['bin', 'sbin', 'lib', 'lib64'];
const leaveOut = [
  './usr/share/doc',
  './usr/share/man',
  './usr/share/locale',
  './usr/share/info',
  './usr/share/lintian',
  './usr/share/bug',
];

export interface Layer {
  readonly debs: readonly string[];
  /** The tar to write. */
  readonly tar: string;
  /** Scratch space; it need not exist. */
  readonly work: string;
  /** The bottom layer brings the links /bin → usr/bin and so on; the others rely on them. */
  readonly bottom: boolean;
}

/** Unpacks packages into one tar, without running their scripts: a small layer for an image that holds just what a program needs. */
export async function makeLayer(layer: Layer, step: Step): Promise<void> {
  mkdirSync(layer.work, { recursive: true });
  for (const folder of mergedFolders) {
    mkdirSync(join(layer.work, 'usr', folder), { recursive: true });
    symlinkSync(join('usr', folder), join(layer.work, folder));
  }
  const { signal } = step;
  for (const deb of layer.debs) {
    const unpack =
      'dpkg-deb --fsys-tarfile "$1" | tar --extract --keep-directory-symlink --directory "$2" $(printf " --exclude=%s" $3)';
    await run(['sh', '-c', unpack, 'unpack', deb, layer.work, leaveOut.join(' ')], { signal });
  }
  if (!layer.bottom)
    for (const folder of mergedFolders)
      if (lstatSync(join(layer.work, folder)).isSymbolicLink()) rmSync(join(layer.work, folder));
  const entries = readdirSync(layer.work).filter((name) => existsSync(join(layer.work, name)));
  await run(
    ['tar', '--create', '--sort=name', '--mtime=@0', '--file', layer.tar, '--directory', layer.work, ...entries],
    { signal },
  );
  rmSync(layer.work, { recursive: true });
}
