import { dirname, normalize } from 'node:path/posix';
import type { Diagnostics } from '../core/diagnostic.js';
import type { FileReader } from '../syntax/files.js';
import { InventoryDraft } from './draft.js';
import { checkedLayer, finishInventory } from './finish.js';
import { readSource } from './read-source.js';
import type { Inventory, VariableLayer } from './types.js';
import { readVariableFiles, variableFilesOf, type VariableOwner, variableOwners } from './variable-files.js';

export interface InventoryOptions {
  /** Every `-i`, in order: files, directories, executables, or names with commas. Later ones add to and win over earlier ones. */
  readonly sources: readonly string[];
  /** Folders of the playbooks: their group_vars/ and host_vars/ win over those beside the inventory. */
  readonly playbookDirectories?: readonly string[];
  readonly files: FileReader;
  readonly diagnostics: Diagnostics;
}

/**
 * Reads an inventory whole. Mistakes are added to the diagnostics; what could be understood is in the result all the
 * same, so that later checks can report theirs too.
 *
 * Layers of a group, lowest first: the inventory's own files, `group_vars/` beside the inventory, `group_vars/` beside
 * the playbook. A host has the layers of `all`, of its groups (parents first, then by name), then its own in the same
 * order, and at the end, when several say `ssh:`, their maps merged key by key.
 */
export function loadInventory(options: InventoryOptions): Inventory {
  const { sources, files, diagnostics } = options;
  const draft = new InventoryDraft(diagnostics);
  for (const source of sources) readSource(source, { files, draft, diagnostics });
  draft.implicitGroups();

  for (const [directory, unknownNames] of variableDirectories(options))
    readVariableFiles({ directory, unknownNames, draft, files, diagnostics });
  return finishInventory({ draft, sources, diagnostics });
}

/** What the files of variables hold for a group or host that a run brings, lowest first. Mistakes are added to the diagnostics. */
export function lateLayers(options: InventoryOptions & VariableOwner): readonly VariableLayer[] {
  const { diagnostics } = options;
  return [...variableDirectories(options).keys()]
    .flatMap((directory) => variableFilesOf({ ...options, directory }))
    .map((layer) => checkedLayer(layer, diagnostics));
}

/** Whom the files of variables of an inventory and its playbooks are for, known or not. */
export function variableOwnersOf(
  options: Pick<InventoryOptions, 'sources' | 'playbookDirectories' | 'files'>,
): readonly VariableOwner[] {
  return [...variableDirectories(options).keys()].flatMap((directory) => variableOwners(directory, options.files));
}

/** Where files of variables lie, lowest first: beside the inventory, then beside the playbooks; and what a name that is not known means there. */
function variableDirectories(
  options: Pick<InventoryOptions, 'sources' | 'playbookDirectories' | 'files'>,
): ReadonlyMap<string, 'warn' | 'ignore'> {
  const { sources, playbookDirectories = [], files } = options;
  const directories = new Map<string, 'warn' | 'ignore'>();
  for (const source of sources) {
    const kind = files.kind(source);
    if (kind !== undefined) directories.set(normalize(kind === 'directory' ? source : dirname(source)), 'warn');
  }
  for (const path of playbookDirectories) {
    const directory = normalize(path);
    if (!directories.has(directory)) directories.set(directory, 'ignore');
  }
  return directories;
}
