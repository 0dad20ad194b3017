import type { Located } from '../syntax/located.js';
import type { Inventory } from './types.js';

/** `runner inventory --graph`: groups and hosts as a tree, in the form Ansible prints it. */
export function inventoryGraph(inventory: Inventory): string {
  const lines = ['@all:'];
  const walk = (name: string, depth: number): void => {
    const indent = '  |'.repeat(depth);
    const children = inventory.groups.get(name)?.children ?? [];
    for (const child of children) {
      if (child === 'ungrouped' && (inventory.groups.get(child)?.hosts.length ?? 0) === 0) continue;
      lines.push(`${indent}--@${child}:`);
      walk(child, depth + 1);
    }
    for (const host of ownHosts(inventory, name)) lines.push(`${indent}--${host}`);
  };
  walk('all', 1);
  return lines.join('\n');
}

/** The form of Ansible's dynamic inventories: groups with `hosts` and `children`, the hosts' variables in `_meta`. */
export interface InventoryList {
  readonly _meta: { readonly hostvars: Readonly<Record<string, unknown>> };
  readonly [group: string]: unknown;
}

/**
 * `runner inventory --list`: what a dynamic inventory would print for this one. `variablesOf` gives a host's variables
 * as plain data with secrets masked; without it they are given as written, templates unrendered and secrets masked.
 */
export function inventoryList(
  inventory: Inventory,
  variablesOf?: (host: string) => Readonly<Record<string, unknown>>,
): InventoryList {
  const groups = [...inventory.groups.values()].map((group) => {
    const hosts = ownHosts(inventory, group.name);
    const body = {
      ...(group.children.length > 0 ? { children: group.children } : {}),
      ...(hosts.length > 0 ? { hosts } : {}),
    };
    return [group.name, body] as const;
  });
  const hostvars = [...inventory.hosts.keys()].map(
    (name) => [name, variablesOf?.(name) ?? writtenVariables(inventory, name)] as const,
  );
  return { _meta: { hostvars: Object.fromEntries(hostvars) }, ...Object.fromEntries(groups) };
}

function writtenVariables(inventory: Inventory, host: string): Readonly<Record<string, unknown>> {
  const layers = inventory.hosts.get(host)?.layers ?? [];
  return Object.fromEntries(
    layers.flatMap((layer) => [...layer.values].map(([name, located]) => [name, shownData(located)] as const)),
  );
}

/** The hosts of a group that are in none of its child groups. */
function ownHosts(inventory: Inventory, name: string): readonly string[] {
  const group = inventory.groups.get(name);
  const below = new Set(group?.children.flatMap((child) => inventory.groups.get(child)?.hosts ?? []));
  return group?.hosts.filter((host) => !below.has(host)) ?? [];
}

function shownData(located: Located): unknown {
  switch (located.kind) {
    case 'scalar':
      return located.secret === true ? '********' : located.value;
    case 'list':
      return located.items.map(shownData);
    case 'map':
      return Object.fromEntries(located.entries.map((entry) => [entry.key, shownData(entry.value)]));
  }
}
