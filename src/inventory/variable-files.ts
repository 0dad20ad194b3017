import { extname, join } from 'node:path/posix';
import type { Diagnostics } from '../core/diagnostic.js';
import { didYouMean } from '../core/suggest.js';
import type { FileReader } from '../syntax/files.js';
import { parseYaml } from '../syntax/parse-yaml.js';
import type { InventoryDraft } from './draft.js';
import { liesAbout } from './read-source.js';
import type { VariableLayer } from './types.js';
import { readVariables } from './variables.js';

interface VariableFiles {
  readonly draft: InventoryDraft;
  readonly files: FileReader;
  readonly diagnostics: Diagnostics;
}

/**
 * Adds `group_vars/` and `host_vars/` of a directory: `<name>.yaml`, `.yml`, `.json`, a bare `<name>`, or a directory
 * `<name>/` whose files are read in the order of their names. `unknownNames`: whether a
 * file for nobody gets a warning; beside a playbook it may be meant for another inventory.
 */
export function readVariableFiles(
  options: VariableFiles & { readonly directory: string; readonly unknownNames: 'warn' | 'ignore' },
): void {
  for (const owner of variableOwners(options.directory, options.files)) {
    const known: ReadonlyMap<string, { readonly layers: VariableLayer[] }> =
      owner.kind === 'group' ? options.draft.groups : options.draft.hosts;
    const found = known.get(owner.name);
    if (found !== undefined) found.layers.push(...layersOf({ ...options, path: owner.path, depth: 0 }));
    else if (options.unknownNames === 'warn') warnUnknown({ ...options, ...owner, known: known.keys() });
  }
}

/** A group or a host, whose variables files may hold. */
export interface VariableOwner {
  readonly kind: 'group' | 'host';
  readonly name: string;
}

/** Whom `group_vars/` and `host_vars/` of a directory are for, and the file or folder that is. */
export function variableOwners(
  directory: string,
  files: FileReader,
): readonly (VariableOwner & { readonly path: string })[] {
  return (['group', 'host'] as const).flatMap((kind) => {
    const folder = join(directory, `${kind}_vars`);
    return files
      .list(folder)
      .filter((file) => !liesAbout.test(file))
      .map((file) => ({ kind, name: file.replace(/\.(ya?ml|json)$/, ''), path: join(folder, file) }));
  });
}

/** The layers that `group_vars/` or `host_vars/` of a directory hold for one group or host. */
export function variableFilesOf(
  options: VariableOwner & Omit<VariableFiles, 'draft'> & { readonly directory: string },
): readonly VariableLayer[] {
  return variableOwners(options.directory, options.files)
    .filter(({ kind, name }) => kind === options.kind && name === options.name)
    .flatMap(({ path }) => layersOf({ ...options, path, depth: 0 }));
}

function layersOf(
  options: Omit<VariableFiles, 'draft'> & { readonly path: string; readonly depth: number },
): readonly VariableLayer[] {
  const { path, depth, files, diagnostics } = options;
  if (files.kind(path) === 'directory') {
    const names = depth < 10 ? files.list(path).filter((name) => !liesAbout.test(name)) : [];
    return names.flatMap((name) => layersOf({ ...options, path: join(path, name), depth: depth + 1 }));
  }
  if (depth > 0 && !['', '.yaml', '.yml', '.json'].includes(extname(path))) {
    warnUnread(path, diagnostics);
    return [];
  }
  const text = readText(path, options);
  if (text === undefined) return [];
  const located = parseYaml({ text, file: path, diagnostics });
  return [{ name: path, values: readVariables({ located, what: `\`${path}\``, diagnostics }) }];
}

function readText(path: string, { files, diagnostics }: Omit<VariableFiles, 'draft'>): string | undefined {
  try {
    return files.read(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    diagnostics.error({ code: 'unreadable-file', message: `\`${path}\` cannot be read: ${reason}` });
    return undefined;
  }
}

/** In a directory of variables a name says what a file is: one of another kind may hold anything. */
function warnUnread(path: string, diagnostics: Diagnostics): void {
  const start = { line: 1, column: 1 };
  diagnostics.warning({
    code: 'unused-variables',
    message: `\`${path}\` is not read`,
    span: { file: path, start, end: start },
    hint: 'files of variables end in .yaml, .yml or .json, or have no ending',
  });
}

function warnUnknown(options: {
  readonly kind: 'group' | 'host';
  readonly name: string;
  readonly path: string;
  readonly known: Iterable<string>;
  readonly diagnostics: Diagnostics;
}): void {
  const { kind, name, path, known, diagnostics } = options;
  const start = { line: 1, column: 1 };
  const hint = didYouMean(name, known);
  diagnostics.warning({
    code: 'unused-variables',
    message: `the inventory has no ${kind} \`${name}\`: nobody reads these variables unless a task adds it`,
    span: { file: path, start, end: start },
    ...(hint === undefined ? {} : { hint }),
  });
}
