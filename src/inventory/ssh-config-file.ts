import { dirname, isAbsolute, join } from 'node:path/posix';
import type { FileReader } from '../syntax/files.js';

interface Including {
  readonly files: FileReader;
  /** What `~` stands for. */
  readonly home: string;
}

/** OpenSSH's own limit of files within files. */
const deepestInclude = 16;

/**
 * The text of an ssh_config file with its `Include` lines replaced by the files they name. A file's last `Host` or
 * `Match` section ends with the file, so that the section around an include is opened anew after it.
 */
export function readSshConfig(path: string, including: Including): string {
  return expand({ path, folder: dirname(path), depth: 0, ...including });
}

function expand(
  options: Including & { readonly path: string; readonly folder: string; readonly depth: number },
): string {
  const { path, depth, files } = options;
  const text = depth > deepestInclude ? undefined : readQuietly(path, files);
  if (text === undefined) return '';
  let section = 'Host *';
  const lines: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [, keyword = '', rest = ''] = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*)$/.exec(line) ?? [];
    if (/^(host|match)$/i.test(keyword)) section = line;
    if (!/^include$/i.test(keyword)) {
      lines.push(line);
      continue;
    }
    for (const file of words(rest).flatMap((pattern) => expandGlob(absolute(pattern, options), files))) {
      lines.push(expand({ ...options, path: file, depth: depth + 1 }));
    }
    lines.push(section);
  }
  return lines.join('\n');
}

/** Like ssh, a file that is missing or unreadable is as if it were empty. */
function readQuietly(path: string, files: FileReader): string | undefined {
  try {
    return files.read(path);
  } catch {
    return undefined;
  }
}

function words(text: string): readonly string[] {
  return [...text.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '');
}

/** Relative names are beside the main file: ~/.ssh for a user's configuration, /etc/ssh for the machine's. */
function absolute(pattern: string, { folder, home }: { readonly folder: string; readonly home: string }): string {
  if (pattern === '~' || pattern.startsWith('~/')) return join(home, pattern.slice(1));
  return isAbsolute(pattern) ? pattern : join(folder, pattern);
}

function expandGlob(pattern: string, files: FileReader): readonly string[] {
  if (!/[*?]/.test(pattern)) return [pattern];
  const [, ...parts] = pattern.split('/');
  let paths: readonly string[] = ['/'];
  for (const part of parts) {
    const matches = /[*?]/.test(part) ? globPart(part) : undefined;
    paths = paths.flatMap((path) => {
      if (matches === undefined) return [join(path, part)];
      const names = files
        .list(path)
        .filter((name) => matches.test(name) && (part.startsWith('.') || !name.startsWith('.')));
      return names.map((name) => join(path, name));
    });
  }
  return paths;
}

function globPart(part: string): RegExp {
  const source = part.replaceAll(/[\\^$.*+?()[\]{}|]/g, (sign) =>
    sign === '*' ? '.*' : sign === '?' ? '.' : `\\${sign}`,
  );
  return new RegExp(`^${source}$`, 'u');
}
