import { Diagnostics } from '../../../src/core/diagnostic.js';
import { loadInventory } from '../../../src/inventory/load-inventory.js';
import type { Inventory } from '../../../src/inventory/types.js';
import type { FileReader } from '../../../src/syntax/files.js';
import { plainData } from '../../../src/syntax/located.js';
import { problemsOf } from '../syntax/read.js';

/** A program of a test: what it prints for its arguments; throws to fail. */
export type Program = (args: readonly string[]) => string;

/** Files by path, text or programs, as the rooms without I/O see them. */
export function memoryFiles(files: Readonly<Record<string, string | Program>>): FileReader {
  const paths = Object.keys(files);
  const below = (path: string): readonly string[] =>
    paths.filter((name) => name.startsWith(path === '/' ? '/' : `${path}/`));
  return {
    read: (path) => {
      const file = files[path];
      if (typeof file === 'function') throw new Error('it is not UTF-8 text');
      return file;
    },
    kind: (path) => {
      const file = files[path];
      if (file !== undefined) return typeof file === 'function' ? 'executable' : 'file';
      return below(path).length > 0 ? 'directory' : undefined;
    },
    list: (path) =>
      [
        ...new Set(below(path).map((name) => name.slice(path === '/' ? 1 : path.length + 1).split('/')[0] ?? '')),
      ].sort(),
    run: (path, args) => {
      const file = files[path];
      if (typeof file !== 'function') throw new Error('it cannot be executed');
      return file(args);
    },
  };
}

export interface Loaded {
  readonly inventory: Inventory;
  readonly problems: readonly string[];
}

/** Loads an inventory from files in memory; the first file is the source unless sources are named. */
export function load(
  files: Readonly<Record<string, string | Program>>,
  options: { readonly sources?: readonly string[]; readonly playbookDirectories?: readonly string[] } = {},
): Loaded {
  const diagnostics = new Diagnostics();
  const sources = options.sources ?? Object.keys(files).slice(0, 1);
  const inventory = loadInventory({ ...options, sources, files: memoryFiles(files), diagnostics });
  return { inventory, problems: problemsOf(diagnostics) };
}

/** An inventory of one YAML file that must be right. */
export function inventoryOf(text: string): Inventory {
  const { inventory, problems } = load({ 'f.yaml': text });
  if (problems.length > 0) throw new Error(`not valid: ${problems.join('\n')}`);
  return inventory;
}

/** What a host's layers come to, as plain data: the later layer wins. */
export function variablesOf(inventory: Inventory, host: string): Readonly<Record<string, unknown>> {
  const layers = inventory.hosts.get(host)?.layers ?? [];
  return Object.fromEntries(
    layers.flatMap((layer) => [...layer.values].map(([name, located]) => [name, plainData(located)] as const)),
  );
}

export function hostsOf(inventory: Inventory, group: string): readonly string[] | undefined {
  return inventory.groups.get(group)?.hosts;
}
