import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What tests make outside of their own folders is written down here, one folder a process. */
const register = '/run/runner-rig';

type Kind = 'user' | 'namespace';

/** Writes down that this process made something that its end has to remove. */
export function claim(kind: Kind, name: string): void {
  const folder = join(register, String(process.pid));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${kind}-${name}`), '');
}

/** It is removed. */
export function unclaim(kind: Kind, name: string): void {
  rmSync(join(register, String(process.pid), `${kind}-${name}`), { force: true });
}

/** Removes what processes left behind that were killed before they could. */
export function sweep(kind: Kind, remove: (name: string) => void): void {
  mkdirSync(register, { recursive: true });
  for (const pid of readdirSync(register)) {
    if (isAlive(Number(pid))) continue;
    const folder = join(register, pid);
    const entries = listed(folder);
    for (const entry of entries.filter((each) => each.startsWith(`${kind}-`))) {
      remove(entry.slice(kind.length + 1));
      rmSync(join(folder, entry), { force: true });
    }
    if (listed(folder).length === 0) rmSync(folder, { recursive: true, force: true });
  }
}

/** Another process may sweep at the same time. */
function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Whether a process is still there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
