import { dirname, normalize } from 'node:path/posix';
import type { Diagnostics } from '../core/diagnostic.js';
import type { FileReader } from '../syntax/files.js';
import { InventoryDraft } from './draft.js';
import { finishInventory } from './finish.js';
import { readSource } from './read-source.js';
import type { Inventory } from './types.js';
import { readVariableFiles } from './variable-files.js';

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
  const { sources, playbookDirectories = [], files, diagnostics } = options;
  const draft = new InventoryDraft(diagnostics);
  for (const source of sources) readSource(source, { files, draft, diagnostics });
  draft.implicitGroups();

  const besideInventory = sources.flatMap((source) => {
    const kind = files.kind(source);
    if (kind === undefined) return [];
    return [normalize(kind === 'directory' ? source : dirname(source))];
  });
  const seen = new Set<string>();
  for (const directory of besideInventory) {
    if (seen.has(directory)) continue;
    seen.add(directory);
    readVariableFiles({ directory, unknownNames: 'warn', draft, files, diagnostics });
  }
  for (const directory of playbookDirectories.map((path) => normalize(path))) {
    if (seen.has(directory)) continue;
    seen.add(directory);
    readVariableFiles({ directory, unknownNames: 'ignore', draft, files, diagnostics });
  }
  return finishInventory({ draft, sources, diagnostics });
}
