import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { workDirectory } from './places.js';

/** Runs `body` with a scratch folder that is gone afterwards, however it ends. */
export async function withWorkspace<T>(name: string, body: (folder: string) => Promise<T>): Promise<T> {
  mkdirSync(workDirectory, { recursive: true });
  const folder = mkdtempSync(join(workDirectory, `${name}.${process.pid}.`));
  try {
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Removes what labs left that were killed outright. The owner's process id is in the folder's name. */
export function sweepWorkspaces(): void {
  if (!existsSync(workDirectory)) return;
  for (const folder of readdirSync(workDirectory)) {
    const owner = folder.split('.').at(-2) ?? 'nobody';
    if (!existsSync(`/proc/${owner}`)) rmSync(join(workDirectory, folder), { recursive: true, force: true });
  }
}
