import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder of the controller, and those above it that are missing, for its owner alone or with `mode` less the umask.
 * Throws with the system's words. It is not Node's recursive mkdir, which never comes to an end where a folder that is there
 * takes no others (a working directory that was removed, /proc).
 */
export function makeFolder(path: string, mode = 0o700): void {
  if (isWorkingFolderGone()) throw new Error('the working directory does not exist any more');
  if (isFolder(path)) return;
  const above = dirname(path);
  if (above !== path) makeFolder(above, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Another run may have made it meanwhile.
    if (!isFolder(path)) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isWorkingFolderGone(): boolean {
  try {
    return !existsSync(process.cwd());
  } catch {
    // Nobody asked for it while it was there.
    return true;
  }
}
