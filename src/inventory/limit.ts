import type { Diagnostics } from '../core/diagnostic.js';
import type { FileReader } from '../syntax/files.js';

/** The patterns of `--limit`, with each `@file` replaced by the file's lines; empty lines and `#` comments are left out. */
export function readLimit(options: {
  readonly limits: readonly string[];
  readonly files: FileReader;
  readonly diagnostics: Diagnostics;
}): readonly string[] {
  return options.limits.flatMap((limit) => (limit.startsWith('@') ? readLimitFile(limit.slice(1), options) : [limit]));
}

function readLimitFile(
  path: string,
  options: { readonly files: FileReader; readonly diagnostics: Diagnostics },
): readonly string[] {
  const { files, diagnostics } = options;
  const lines = readLines(path, files)
    ?.map((line) => line.replace(/#.*$/, '').trim())
    .filter((line) => line !== '');
  if (lines !== undefined && lines.length > 0) return lines;
  diagnostics.error({
    code: 'limit-file',
    message:
      lines === undefined
        ? `--limit: there is no readable file \`${path}\``
        : `--limit: the file \`${path}\` names no host`,
  });
  return [];
}

function readLines(path: string, files: FileReader): readonly string[] | undefined {
  try {
    return files.read(path)?.split(/\r?\n/);
  } catch {
    return undefined;
  }
}
