// The processes of this machine, as far as the bench has to end what it started.
import { readFileSync, readdirSync } from 'node:fs';

/** All of them, each with its parent and the user it runs as. */
export function processes() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const status = readFileSync(`/proc/${name}/status`, 'utf8');
        const field = (key) => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
        return [{ pid: Number(name), parent: field('PPid'), uid: field('Uid') }];
      } catch {
        return [];
      }
    });
}

/** Everything below a process, the deepest first. */
export function descendants(root) {
  const all = processes();
  const below = (pid) => all.flatMap((entry) => (entry.parent === pid ? [...below(entry.pid), entry.pid] : []));
  return below(root);
}

/** Ends a process, or asks it to end with another signal. */
export function end(pid, signal = 'SIGKILL') {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}
