import { basename, join } from 'node:path/posix';
import type { Diagnostics } from '../core/diagnostic.js';
import type { FileReader } from '../syntax/files.js';
import { parseYaml } from '../syntax/parse-yaml.js';
import type { InventoryDraft } from './draft.js';
import { readIniInventory } from './ini-source.js';
import { readProgramInventory } from './program-source.js';
import { readYamlInventory } from './yaml-source.js';

interface SourceReading {
  readonly files: FileReader;
  readonly draft: InventoryDraft;
  readonly diagnostics: Diagnostics;
}

/** Adds one `-i`: a file, a directory, an executable, or names with commas (`-i node1,node2,`). */
export function readSource(source: string, reading: SourceReading): void {
  const kind = reading.files.kind(source);
  if (kind === undefined && source.includes(',')) {
    readNames(source, reading);
  } else if (kind === undefined) {
    reading.diagnostics.error({
      code: 'no-inventory',
      message: `there is no inventory at \`${source}\``,
      hint: 'name it with -i; names of hosts are given with a comma: -i node1,',
    });
  } else if (kind === 'directory') {
    readDirectory({ directory: source, depth: 0, reading });
  } else {
    readFile(source, kind === 'executable', reading);
  }
}

/** Files that lie about beside inventories and variables: hidden ones, backups, pages, Ansible's own settings. */
export const liesAbout = /^\.|~$|\.(md|rst|txt|orig|bak|swp|retry|pyc|pyo|rpm|rej)$|^ansible\.cfg$/;

/** The files of a directory in the order of their names; what is plainly no inventory is left out. */
function readDirectory(options: {
  readonly directory: string;
  readonly depth: number;
  readonly reading: SourceReading;
}): void {
  const { directory, depth, reading } = options;
  for (const name of reading.files.list(directory)) {
    if (liesAbout.test(name) || name === 'group_vars' || name === 'host_vars') continue;
    const path = join(directory, name);
    const kind = reading.files.kind(path);
    if (kind !== 'directory') readFile(path, kind === 'executable', reading);
    else if (depth < 10) readDirectory({ directory: path, depth: depth + 1, reading });
  }
}

function readFile(path: string, executable: boolean, reading: SourceReading): void {
  const named = /\.(ya?ml|json|ini|cfg)$/.exec(basename(path))?.[1];
  const text = executable && named === undefined ? undefined : readText(path, reading);
  if (executable && named === undefined) readProgramInventory({ ...reading, path });
  else if (text === undefined) return;
  else if (named === 'ini' || named === 'cfg' || (named === undefined && looksLikeIni(text)))
    readIniInventory({ ...reading, text, file: path });
  else {
    const located = parseYaml({ text, file: path, diagnostics: reading.diagnostics });
    if (located !== undefined) readYamlInventory({ ...reading, located });
  }
}

function readText(path: string, { files, diagnostics }: SourceReading): string | undefined {
  try {
    return files.read(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    diagnostics.error({ code: 'unreadable-file', message: `the inventory \`${path}\` cannot be read: ${reason}` });
    return undefined;
  }
}

/** A file without a telling name is INI when its first line that says something is a heading or a bare host. */
function looksLikeIni(text: string): boolean {
  const first = text.split(/\r?\n/).find((line) => !/^\s*([#;].*)?$/.test(line));
  if (first === undefined) return false;
  return !/^(---|%|\{|["'\w][^=]*:(\s|$))/.test(first);
}

function readNames(source: string, { draft, diagnostics }: SourceReading): void {
  const span = { file: `-i ${source}`, start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };
  const group = draft.group('ungrouped', span);
  const names = source.split(',').map((name) => name.trim());
  if (group === undefined) return;
  for (const name of names) if (name !== '') draft.addHosts({ group, name, span });
  if (names.every((name) => name === '')) {
    diagnostics.error({ code: 'no-inventory', message: '`-i ,` names no host', span });
  }
}
