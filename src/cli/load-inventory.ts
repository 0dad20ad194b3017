import { dirname } from 'node:path';
import { type Diagnostics } from '../core/diagnostic.js';
import { loadInventory } from '../inventory/load-inventory.js';
import { localNames } from '../inventory/localhost.js';
import type { Inventory } from '../inventory/types.js';
import type { FileReader } from '../syntax/files.js';
import type { InventoryOptions } from './options.js';

const usualNames = ['inventory.yaml', 'inventory.yml', 'inventory'];

/** The inventory of the flags, of RUNNER_INVENTORY, or the usual file of the working directory. */
export function loadChosenInventory(request: {
  readonly options: InventoryOptions;
  readonly playbooks: readonly string[];
  readonly files: FileReader;
  readonly diagnostics: Diagnostics;
  /** The hosts that are meant, patterns as written: `localhost` alone needs no inventory. */
  readonly hosts?: readonly unknown[];
}): Inventory {
  const { options, playbooks, files, diagnostics, hosts = [] } = request;
  const sources = chosenSources(options, files);
  const isLocal = hosts.length > 0 && hosts.every((host) => typeof host === 'string' && localNames.has(host));
  if (sources.length === 0 && !isLocal) {
    diagnostics.error({
      code: 'no-inventory',
      message: 'there is no inventory',
      hint: 'name one with -i, set RUNNER_INVENTORY, or write inventory.yaml here (inventory.example.yaml shows how)',
    });
  }
  return loadInventory({
    sources,
    playbookDirectories: [...new Set(playbooks.map((path) => dirname(path)))],
    files,
    diagnostics,
  });
}

function chosenSources(options: InventoryOptions, files: FileReader): readonly string[] {
  if (options.inventory !== undefined && options.inventory.length > 0) return options.inventory;
  const fromEnvironment = process.env['RUNNER_INVENTORY'] ?? '';
  if (fromEnvironment !== '') return fromEnvironment.split(',');
  return usualNames.filter((name) => files.kind(name) !== undefined).slice(0, 1);
}
