import type { Inventory } from '../../inventory/types.js';
import type { Located } from '../../syntax/located.js';
import { inventoryNames } from './known.js';
import { type NameRead, namesInText } from './read.js';
import { reportUndefined, type Reporting } from './report.js';

/**
 * Judges the values of inventory variables the playbook reads, directly or through others. The rest is not looked at: an
 * inventory serves many playbooks, and a value may name what only another one of them defines.
 */
export function checkInventoryValues(options: {
  readonly inventory: Inventory;
  readonly reads: readonly NameRead[];
  /** Names that exist somewhere in the playbooks. */
  readonly known: ReadonlySet<string>;
  readonly reporting: Reporting;
}): void {
  const { inventory, reads, reporting } = options;
  const known = new Set([...options.known, ...inventoryNames(inventory, inventory.hosts.keys())]);
  const values = valuesByName(inventory);
  const reached = new Set(reads.map((read) => read.name));
  for (const name of reached) {
    for (const value of values.get(name) ?? []) {
      for (const read of namesInText(value)) {
        reached.add(read.name);
        if (!known.has(read.name)) reportUndefined(read, { known, reporting });
      }
    }
  }
}

function valuesByName(inventory: Inventory): ReadonlyMap<string, ReadonlySet<Located>> {
  const values = new Map<string, Set<Located>>();
  const holders = [...inventory.groups.values(), ...inventory.hosts.values()];
  for (const layer of new Set(holders.flatMap((holder) => holder.layers))) {
    for (const [name, value] of layer.values) values.set(name, (values.get(name) ?? new Set()).add(value));
  }
  return values;
}
