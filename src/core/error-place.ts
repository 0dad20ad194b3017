import type { Position } from './span.js';

/**
 * Where in a file an error came about, as far as its message or its stack tells (`/srv/x/modules/motd.js:3:12`); `file` is
 * its path or the end of it.
 */
export function placeInFile(file: string, error: unknown): Position | undefined {
  if (!(error instanceof Error)) return undefined;
  for (const text of [error.message, error.stack ?? '']) {
    const [, line, column] = /^(\d+)(?::(\d+))?/.exec(text.split(`${file}:`)[1] ?? '') ?? [];
    if (line !== undefined) return { line: Number(line), column: Number(column ?? 1) };
  }
  return undefined;
}
