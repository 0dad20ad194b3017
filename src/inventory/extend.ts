import { isDeepStrictEqual } from 'node:util';
import { plainData } from '../syntax/located.js';
import { priorityOf } from './group-priority.js';
import { mergedSsh } from './ssh-settings.js';
import type { VariableOwner } from './variable-files.js';
import type { Inventory, InventoryGroup, InventoryHost, VariableLayer } from './types.js';

/** A host that a run puts into groups, both of which may be new. */
export interface InventoryAddition {
  readonly host: string;
  readonly groups: readonly string[];
  /** Groups that the groups become children of. */
  readonly parents?: readonly string[];
  /** Variables of the host, stronger than those it has. */
  readonly layer?: VariableLayer;
  /** What files of variables hold for a group or host that is new. */
  readonly layersOf?: (owner: VariableOwner) => readonly VariableLayer[];
}

/** The inventory with a host added or put into further groups; the very same inventory when nothing is new. */
export function withMember(inventory: Inventory, addition: InventoryAddition): Inventory {
  const { host, groups: wanted, parents = [], layer, layersOf = () => [] } = addition;
  const known = inventory.hosts.get(host);
  const isNews =
    known === undefined ||
    (layer !== undefined && !isSaid(known, layer)) ||
    wanted.some((name) => inventory.groups.get(name)?.hosts.includes(host) !== true) ||
    wanted.some((name) => parents.some((parent) => inventory.groups.get(name)?.parents.includes(parent) !== true));
  if (!isNews) return inventory;
  const groups = new Map(inventory.groups);
  for (const name of [...parents, ...wanted])
    if (!groups.has(name)) groups.set(name, { ...emptyGroup(name), layers: layersOf({ kind: 'group', name }) });
  for (const parent of parents) for (const child of wanted) if (parent !== child) link(groups, { parent, child });
  const order = [...new Set([...inventory.hosts.keys(), host])];
  const isMember = new Set(['all', ...wanted.flatMap((name) => withAncestors(groups, name))]);
  const added = known ?? { name: host, groups: [], layers: layersOf({ kind: 'host', name: host }) };
  const hosts = new Map(inventory.hosts).set(host, added);
  for (const name of isMember) {
    const group = groups.get(name)!;
    const members = new Set([...group.hosts, host]);
    groups.set(name, { ...group, hosts: order.filter((each) => members.has(each)) });
  }
  settleUngrouped(groups, order);
  hosts.set(host, settled({ host: added, groups, before: inventory, layer }));
  // Members of a group that got parents get the variables of those.
  const moved = parents.length === 0 ? [] : wanted.flatMap((name) => groups.get(name)!.hosts);
  for (const name of moved)
    if (name !== host) hosts.set(name, settled({ host: hosts.get(name)!, groups, before: inventory }));
  return { ...inventory, hosts, groups };
}

/** Whether a layer of this name has said the same of the host before. */
function isSaid(host: InventoryHost, layer: VariableLayer): boolean {
  const said = host.layers.filter(({ name }) => name === layer.name);
  return [...layer.values].every(([name, value]) => {
    const before = said.findLast(({ values }) => values.has(name))?.values.get(name);
    return before !== undefined && isDeepStrictEqual(plainData(before), plainData(value));
  });
}

function emptyGroup(name: string): InventoryGroup {
  return { name, parents: [], children: [], hosts: [], layers: [] };
}

/** Puts a group below another, with its members, unless that would be a circle. */
function link(
  groups: Map<string, InventoryGroup>,
  { parent, child }: { readonly parent: string; readonly child: string },
): void {
  if (withAncestors(groups, parent).includes(child)) return;
  const lower = groups.get(child)!;
  groups.set(child, { ...lower, parents: [...new Set([...lower.parents, parent])] });
  const upper = groups.get(parent)!;
  groups.set(parent, { ...upper, children: [...new Set([...upper.children, child])] });
  for (const name of withAncestors(groups, parent)) {
    const group = groups.get(name)!;
    groups.set(name, { ...group, hosts: [...new Set([...group.hosts, ...lower.hosts])] });
  }
}

function withAncestors(groups: ReadonlyMap<string, InventoryGroup>, name: string): readonly string[] {
  const parents = groups.get(name)?.parents.filter((parent) => parent !== 'all') ?? [];
  return [name, ...parents.flatMap((parent) => withAncestors(groups, parent))];
}

function settleUngrouped(groups: Map<string, InventoryGroup>, order: readonly string[]): void {
  const grouped = new Set(
    [...groups.values()].flatMap(({ name, hosts }) => (name === 'all' || name === 'ungrouped' ? [] : hosts)),
  );
  const ungrouped = groups.get('ungrouped') ?? emptyGroup('ungrouped');
  groups.set('ungrouped', { ...ungrouped, hosts: order.filter((host) => !grouped.has(host)) });
}

/** A host with its groups and layers anew: `all`, its groups with parents first, then by priority and name, its own. */
function settled(options: {
  readonly host: InventoryHost;
  readonly groups: ReadonlyMap<string, InventoryGroup>;
  readonly before: Inventory;
  readonly layer?: VariableLayer | undefined;
}): InventoryHost {
  const { host, groups, before, layer } = options;
  const depth = (name: string): number => withAncestors(groups, name).length;
  const priority = (name: string): number => priorityOf(groups.get(name)?.layers ?? []);
  const own = [...groups.values()]
    .filter(({ name, hosts }) => name !== 'all' && hosts.includes(host.name))
    .map(({ name }) => name)
    .toSorted((a, b) => depth(a) - depth(b) || priority(a) - priority(b) || (a < b ? -1 : 1));
  const ofGroups = new Set([...before.groups.values()].flatMap(({ layers }) => layers));
  const merged = mergedName(host.name);
  const kept = host.layers.filter((each) => !ofGroups.has(each) && each.name !== merged);
  const layers = [
    ...['all', ...own].flatMap((name) => groups.get(name)?.layers ?? []),
    ...kept,
    ...(layer === undefined ? [] : [layer]),
  ];
  const ssh = mergedSsh(layers);
  if (ssh !== undefined) layers.push({ name: merged, values: new Map([['ssh', ssh]]) });
  return { ...host, groups: own, layers };
}

/** What the layer of a host's merged `ssh:` map is called. */
export function mergedName(host: string): string {
  return `ssh settings of ${host}, merged`;
}
