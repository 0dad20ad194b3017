import type { Diagnostics } from '../core/diagnostic.js';
import type { FileReader } from '../syntax/files.js';

/**
 * The patterns of `--limit`, with each `@file` replaced by the file's lines; empty lines and `#` comments are left out.
 * `@failed` is replaced by the hosts that `failed` gives: those the last run of the same playbooks did not finish with.
 */
export function readLimit(options: {
  readonly limits: readonly string[];
  readonly failed?: () => readonly string[] | undefined;
  readonly files: FileReader;
  readonly diagnostics: Diagnostics;
}): readonly string[] {
  return options.limits.flatMap((limit) =>
    limit === '@failed' && options.failed !== undefined
      ? readFailed(options.failed(), options.diagnostics)
      : limit.startsWith('@')
        ? readLimitFile(limit.slice(1), options)
        : [limit],
  );
}

function readFailed(hosts: readonly string[] | undefined, diagnostics: Diagnostics): readonly string[] {
  if (hosts !== undefined && hosts.length > 0) return hosts;
  diagnostics.error({
    code: 'limit-failed',
    message:
      hosts === undefined
        ? '--limit @failed: there is no earlier run of these playbooks in this folder'
        : '--limit @failed: the last run of these playbooks left no host unfinished',
    hint: '`runner runs` lists what was run from here; `@./failed` is a file of that name',
  });
  return [];
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
