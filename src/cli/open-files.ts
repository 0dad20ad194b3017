import { readFileSync } from 'node:fs';
import { InputError } from '../core/diagnostic.js';

/** What the program has open beside its connections: its own code while it is loaded, pipes, the journal, files on their way. */
const ownFiles = 40;

/**
 * Sees that this process may have a connection open to so many hosts at once, before the first of them is touched: a run
 * that finds out in the middle leaves some hosts done and others not. Throws InputError.
 */
export function checkOpenFiles(hosts: number): void {
  const limit = mostOpenFiles();
  if (limit === undefined || limit >= hosts + ownFiles) return;
  throw new InputError([
    {
      severity: 'error',
      code: 'open-files',
      message: `connections to ${String(hosts)} hosts need about ${String(hosts + ownFiles)} open files, and this process may have ${String(limit)}`,
      hint: 'raise the limit (`ulimit -n 4096`), or take fewer hosts at a time with --limit',
    },
  ]);
}

/** The limit of this process (proc(5), limits); Node has raised it as far as it may. Undefined where it cannot be told. */
function mostOpenFiles(): number | undefined {
  try {
    const [, limit] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
}
