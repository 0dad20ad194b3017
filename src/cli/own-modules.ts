import { createRequire } from 'node:module';
import { join, parse, resolve } from 'node:path';
import type * as Jiti from 'jiti';
import type { Diagnostics } from '../core/diagnostic.js';
import { placeInFile } from '../core/error-place.js';
import type { Position, Span } from '../core/span.js';
import { findModule, moduleNames } from '../modules/index.js';
import * as kit from '../modules/own/kit.js';
import { brokenModule, type OwnModule, readOwnModule } from '../modules/own/own-module.js';
import type { ModuleCatalogue } from '../playbook/catalogue.js';
import { blockKeywords, engineActions, taskKeywords } from '../playbook/task-keys.js';
import type { FileReader } from '../syntax/files.js';

/** The modules of this program and those of the project; one catalogue serves a load and the run after it. */
export interface Modules extends ModuleCatalogue {
  find(name: string): OwnModule | undefined;
  enter(folder: string, diagnostics: Diagnostics): void;
  /** The files of the project's own modules, by name; none of them is run for that. */
  readonly own: ReadonlyMap<string, string>;
}

const endings: ReadonlySet<string> = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts']);
const taken: ReadonlySet<string> = new Set([...taskKeywords, ...blockKeywords, ...engineActions]);

/**
 * Modules by name. A file `modules/NAME.js` or `.ts` beside a playbook or in a role is the module NAME from the moment
 * its folder is entered; it is loaded when a task first names it. Other files of the folder, and its subfolders, are
 * theirs to import.
 */
export function openModules(files: FileReader): Modules {
  const paths = new Map<string, string>();
  const entered = new Set<string>();
  const loaded = new Map<string, OwnModule>();
  return {
    own: paths,
    names: () => [...moduleNames(), ...paths.keys()].sort(),
    find(name) {
      const path = paths.get(name);
      if (path === undefined) return findModule(name);
      const found = loaded.get(name) ?? loadModule(name, { path, files });
      loaded.set(name, found);
      return found;
    },
    enter(folder, diagnostics) {
      if (entered.has(resolve(folder))) return;
      entered.add(resolve(folder));
      for (const file of files.list(folder)) {
        const { name, ext } = parse(file);
        if (!endings.has(ext) || !/^[a-z][a-z0-9_]*$/.test(name)) continue;
        const path = join(folder, file);
        const before = paths.get(name);
        const reason =
          findModule(name) !== undefined || taken.has(name)
            ? `\`${name}\` means something here already`
            : before !== undefined
              ? `the module \`${name}\` is there already: ${before}`
              : undefined;
        if (reason === undefined) paths.set(name, path);
        else
          diagnostics.error({
            code: 'module-name-taken',
            message: reason,
            span: spanOf(path),
            hint: 'rename the file',
          });
      }
    },
  };
}

/** The module of a file, or one that only says what is wrong with it. */
function loadModule(name: string, { path, files }: { readonly path: string; readonly files: FileReader }): OwnModule {
  const broken = (messages: readonly string[], at?: Position): OwnModule =>
    brokenModule(name, {
      severity: 'error',
      code: 'broken-module',
      message: `the module \`${name}\` cannot be used: ${messages.join('; ')}`,
      span: spanOf(path, at),
    });
  try {
    const read = readOwnModule(defaultExportOf(path, files.read(path) ?? ''), { name, file: path });
    return read.kind === 'module' ? read.module : broken(read.messages);
  } catch (error) {
    return broken([messageOf(error)], placeInFile(resolve(path), error));
  }
}

/**
 * The default export of a file of JavaScript or TypeScript, run with everything it imports. At once, because loading is,
 * and in both languages on every Node from 20 on; nothing is kept on the disk.
 */
function defaultExportOf(path: string, source: string): unknown {
  // Not an import: nearly every start of the program goes without it.
  const { createJiti } = createRequire(import.meta.url)('jiti') as Pick<typeof Jiti, 'createJiti'>;
  const virtualModules = { 'runner-over-ssh': kit };
  const jiti = createJiti(import.meta.url, { fsCache: false, interopDefault: false, virtualModules });
  const exported: unknown = jiti.evalModule(source, { filename: resolve(path) });
  if (typeof exported !== 'object' || exported === null) return exported;
  if ('default' in exported) return exported.default;
  // CommonJS has no other export than the one.
  return '__esModule' in exported ? undefined : exported;
}

/** What an error says, without the excerpt of the source that a parser adds. */
function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message.split('\n')[0] ?? ''}` : String(error);
}

function spanOf(path: string, at: Position = { line: 1, column: 1 }): Span {
  return { file: path, start: at, end: at };
}
