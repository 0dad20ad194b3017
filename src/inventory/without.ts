import type { Inventory } from './types.js';

/** The same inventory in which a group has not these hosts; they stay in their other groups, and known. */
export function withoutMembers(
  inventory: Inventory,
  { group, hosts }: { readonly group: string; readonly hosts: readonly string[] },
): Inventory {
  const found = inventory.groups.get(group);
  if (found === undefined || hosts.length === 0) return inventory;
  const groups = new Map(inventory.groups).set(group, {
    ...found,
    hosts: found.hosts.filter((host) => !hosts.includes(host)),
  });
  const known = new Map(inventory.hosts);
  for (const name of hosts) {
    const host = known.get(name);
    if (host !== undefined) known.set(name, { ...host, groups: host.groups.filter((one) => one !== group) });
  }
  return { ...inventory, groups, hosts: known };
}
