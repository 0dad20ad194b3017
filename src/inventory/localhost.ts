import type { Inventory, InventoryHost } from './types.js';

/** What means the controller itself, as Ansible takes it. */
export const localNames: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1']);

/** Whether a name means the controller itself when the inventory has no host of that name. */
export function isImplicitLocalhost(name: string, inventory: Inventory): boolean {
  return localNames.has(name) && !inventory.hosts.has(name);
}

/**
 * A host by name. `localhost` is there without being in the inventory: it is in no group (`all` does not hold it), but
 * has the variables of `all`, and is reached without SSH.
 */
export function hostNamed(inventory: Inventory, name: string): InventoryHost | undefined {
  const host = inventory.hosts.get(name);
  if (host !== undefined || !isImplicitLocalhost(name, inventory)) return host;
  return { name, groups: [], layers: inventory.groups.get('all')?.layers ?? [] };
}
