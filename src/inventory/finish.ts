import type { Diagnostics } from '../core/diagnostic.js';
import { withoutAliases } from './aliases.js';
import { checkGroups } from './check-groups.js';
import type { InventoryDraft } from './draft.js';
import { mergedName } from './extend.js';
import { GroupTree } from './group-tree.js';
import { checkConnectionSettings, mergedSsh } from './ssh-settings.js';
import type { Inventory, InventoryGroup, InventoryHost, VariableLayer } from './types.js';

/** Checks a draft as a whole and settles it: every group's members and every host's layers, in the order of precedence. */
export function finishInventory(options: {
  readonly draft: InventoryDraft;
  readonly sources: readonly string[];
  readonly diagnostics: Diagnostics;
}): Inventory {
  const { draft, sources, diagnostics } = options;
  checkGroups(draft, diagnostics);
  const tree = new GroupTree(draft.groups, diagnostics);
  const settle = layerSettler(diagnostics);
  const groups = finishGroups({ draft, tree, settle });
  return { groups, hosts: finishHosts({ draft, tree, groups, settle }), sources };
}

type Settle = (layers: readonly VariableLayer[]) => readonly VariableLayer[];

/** A layer with Ansible's names of connection settings translated, and its settings checked. */
export function checkedLayer(layer: VariableLayer, diagnostics: Diagnostics): VariableLayer {
  const translated = withoutAliases(layer, diagnostics);
  checkConnectionSettings(translated, diagnostics);
  return translated;
}

/** Translates and checks layers; the hosts of a range share their variables, which are looked at once. */
function layerSettler(diagnostics: Diagnostics): Settle {
  const known = new Map<VariableLayer['values'], VariableLayer['values']>();
  return (layers) =>
    layers.map((layer) => {
      const values = known.get(layer.values) ?? checkedLayer(layer, diagnostics).values;
      known.set(layer.values, values);
      return { name: layer.name, values };
    });
}

function finishGroups(options: {
  readonly draft: InventoryDraft;
  readonly tree: GroupTree;
  readonly settle: Settle;
}): ReadonlyMap<string, InventoryGroup> {
  const { draft, tree, settle } = options;
  const members = memberFinder(draft, tree);
  const groups = new Map<string, InventoryGroup>();
  // `all` and `ungrouped` stand first wherever the files mention them.
  for (const name of new Set(['all', 'ungrouped', ...draft.groups.keys()])) {
    const group = draft.groups.get(name);
    groups.set(name, {
      name,
      ...(group?.span === undefined ? {} : { span: group.span }),
      parents: tree.parents(name),
      children: tree.children(name),
      hosts: members(name),
      layers: settle(group?.layers ?? []),
    });
  }
  return groups;
}

/** Finds the hosts of a group and of all groups below it, in the order of the inventory. */
function memberFinder(draft: InventoryDraft, tree: GroupTree): (group: string) => readonly string[] {
  const everybody = [...draft.hosts.keys()];
  const grouped = new Set<string>();
  for (const group of draft.groups.values()) {
    if (group.name === 'all' || group.name === 'ungrouped') continue;
    for (const host of group.hosts) grouped.add(host);
  }
  return (name) => {
    if (name === 'all') return everybody;
    if (name === 'ungrouped') return everybody.filter((host) => !grouped.has(host));
    const members = new Set<string>();
    for (const group of tree.withBelow(name))
      for (const host of draft.groups.get(group)?.hosts ?? []) members.add(host);
    return everybody.filter((host) => members.has(host));
  };
}

function finishHosts(options: {
  readonly draft: InventoryDraft;
  readonly tree: GroupTree;
  readonly groups: ReadonlyMap<string, InventoryGroup>;
  readonly settle: Settle;
}): ReadonlyMap<string, InventoryHost> {
  const { draft, tree, groups, settle } = options;
  const groupsOf = new Map<string, string[]>();
  for (const name of tree.byPrecedence([...groups.keys()])) {
    if (name === 'all') continue;
    for (const host of groups.get(name)?.hosts ?? []) groupsOf.set(host, [...(groupsOf.get(host) ?? []), name]);
  }
  const hosts = new Map<string, InventoryHost>();
  for (const host of draft.hosts.values()) {
    const own = groupsOf.get(host.name) ?? [];
    const layers = ['all', ...own].flatMap((name) => groups.get(name)?.layers ?? []).concat(settle(host.layers));
    const ssh = mergedSsh(layers);
    if (ssh !== undefined) layers.push({ name: mergedName(host.name), values: new Map([['ssh', ssh]]) });
    hosts.set(host.name, { name: host.name, span: host.span, groups: own, layers });
  }
  return hosts;
}
