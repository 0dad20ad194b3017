import type { Diagnostics } from '../core/diagnostic.js';
import { describe } from '../syntax/describe.js';
import { checkKeys } from '../syntax/fields.js';
import { entryOf, type Located, type LocatedEntry, type LocatedMap } from '../syntax/located.js';
import type { DraftGroup, InventoryDraft } from './draft.js';
import { readVariables } from './variables.js';

interface Reading {
  readonly draft: InventoryDraft;
  readonly diagnostics: Diagnostics;
}

/** Adds the groups of a YAML inventory to the draft: the top level's keys are groups, `all` among them or not. */
export function readYamlInventory(options: Reading & { readonly located: Located }): void {
  const { located, diagnostics } = options;
  if (located.kind !== 'map') {
    diagnostics.error({
      code: 'wrong-type',
      message: `an inventory is a map of groups, this is ${describe(located)}`,
      span: located.span,
      hint: 'write a group name, a colon, and `hosts:` below it',
    });
    return;
  }
  for (const entry of located.entries) readGroup(entry, options);
}

function readGroup(entry: LocatedEntry, reading: Reading): void {
  const group = reading.draft.group(entry.key, entry.keySpan);
  if (group === undefined || isNothing(entry.value)) return;
  readGroupBody(group, entry.value, reading);
}

function readGroupBody(group: DraftGroup, body: Located, reading: Reading): void {
  const { diagnostics } = reading;
  if (body.kind !== 'map') {
    diagnostics.error({
      code: 'wrong-type',
      message: `the group \`${group.name}\` must be a map, this is ${describe(body)}`,
      span: body.span,
      hint: 'put its hosts under `hosts:`',
    });
    return;
  }
  checkKeys({
    map: body,
    allowed: ['hosts', 'children', 'vars'],
    what: `the group \`${group.name}\``,
    hints: unknownKeyHints(body),
    diagnostics,
  });
  const variables = readVariables({
    located: entryOf(body, 'vars')?.value,
    what: `the vars of \`${group.name}\``,
    diagnostics,
  });
  if (variables.size > 0) group.layers.push({ name: `group ${group.name}`, values: variables });
  readHosts(group, entryOf(body, 'hosts')?.value, reading);
  readChildren(group, entryOf(body, 'children')?.value, reading);
}

/** What stands in a group beside hosts, children and vars is most often a host, or a child that lost its `children:`. */
function unknownKeyHints(body: LocatedMap): Readonly<Record<string, string>> {
  const hints: Record<string, string> = {};
  for (const { key, value } of body.entries) {
    const looksLikeGroup =
      value.kind === 'map' && ['hosts', 'children', 'vars'].some((name) => entryOf(value, name) !== undefined);
    if (looksLikeGroup) hints[key] = `put \`${key}\` under \`children:\``;
    else if (/^(ansible_|ssh$|become)/.test(key)) hints[key] = `put \`${key}\` under \`vars:\``;
  }
  return hints;
}

/** A map of names (or ranges) to variables, or a plain list of names. */
function readHosts(group: DraftGroup, hosts: Located | undefined, reading: Reading): void {
  const { draft, diagnostics } = reading;
  if (hosts === undefined || isNothing(hosts)) return;
  if (hosts.kind === 'map') {
    for (const { key, keySpan, value } of hosts.entries) {
      draft.addHosts({
        group,
        name: key,
        span: keySpan,
        variables: readVariables({ located: value, what: `the host \`${key}\``, diagnostics }),
      });
    }
    return;
  }
  for (const { name, span } of names(hosts, `the hosts of \`${group.name}\``, diagnostics))
    draft.addHosts({ group, name, span });
}

/** A map of group names to groups (or nothing), or a plain list of names. */
function readChildren(group: DraftGroup, children: Located | undefined, reading: Reading): void {
  const { draft, diagnostics } = reading;
  if (children === undefined || isNothing(children)) return;
  if (children.kind === 'map') {
    for (const entry of children.entries) {
      draft.addChild(group, entry.key, entry.keySpan);
      if (!isNothing(entry.value)) readGroup(entry, reading);
    }
    return;
  }
  for (const { name, span } of names(children, `the children of \`${group.name}\``, diagnostics))
    draft.addChild(group, name, span);
}

function names(
  located: Located,
  what: string,
  diagnostics: Diagnostics,
): readonly { readonly name: string; readonly span: Located['span'] }[] {
  const items = located.kind === 'list' ? located.items : [located];
  return items.flatMap((item) => {
    if (located.kind === 'list' && item.kind === 'scalar' && typeof item.value === 'string')
      return [{ name: item.value, span: item.span }];
    diagnostics.error({
      code: 'wrong-type',
      message: `${what} must be a map or a list of names, this is ${describe(item)}`,
      span: item.span,
      hint: 'write each name on a line of its own, followed by a colon',
    });
    return [];
  });
}

function isNothing(located: Located): boolean {
  return located.kind === 'scalar' && located.value === null;
}
