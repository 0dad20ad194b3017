import type { Span } from '../core/span.js';
import { didYouMean, suggest } from '../core/suggest.js';
import type { Located, LocatedEntry, LocatedMap } from '../syntax/located.js';
import { entryOf } from '../syntax/located.js';
import { argumentDiagnostics } from './argument-values.js';
import { checkText } from './check-text.js';
import { readText, wrongType } from './fields.js';
import { keywordNames } from './keywords.js';
import type { Loading } from './loading.js';
import type { RoleFolder } from './role-folder.js';
import type { VariableBlock } from './types.js';
import { checkVariableName, readVariables } from './variables.js';

const entryKeywords: readonly string[] = ['role', 'name', 'vars', 'when', 'tags', 'notify', ...keywordNames];

/** One use of a role: an entry of `roles:`, a dependency, or a task that brings one. */
export interface RoleUse {
  readonly name: string;
  readonly nameSpan: Span;
  readonly map: LocatedMap;
  readonly params: VariableBlock;
}

/** Reads an entry of `roles:` or of `dependencies:`: a name, or a map whose keys beside the keywords are parameters. */
export function readRoleUse(located: Located, loading: Loading): RoleUse | undefined {
  const { diagnostics } = loading;
  const entry: LocatedEntry = { key: 'role', keySpan: located.span, value: located };
  if (located.kind === 'list') return wrongType(entry, { expected: 'a name or a map', diagnostics });
  const map: LocatedMap = located.kind === 'map' ? located : { kind: 'map', entries: [entry], span: located.span };
  for (const each of map.entries) if (each.key !== 'when') checkText(each.value, diagnostics);
  const nameEntry = entryOf(map, 'role') ?? entryOf(map, 'name');
  if (nameEntry === undefined) {
    diagnostics.error({ code: 'missing-key', message: 'an entry of roles needs the key `role`', span: map.span });
    return undefined;
  }
  const name = readText(nameEntry, diagnostics);
  if (name === undefined) return undefined;
  return { name, nameSpan: nameEntry.value.span, map, params: readParams(map, { name, loading }) };
}

function readParams(map: LocatedMap, options: { readonly name: string; readonly loading: Loading }): VariableBlock {
  const { diagnostics } = options.loading;
  const origin = `parameters of role ${options.name}`;
  const values = new Map(readVariables(entryOf(map, 'vars'), { origin, diagnostics }).values);
  for (const entry of map.entries) {
    if (entryKeywords.includes(entry.key)) continue;
    if (checkVariableName(entry.key, { span: entry.keySpan, diagnostics })) values.set(entry.key, entry.value);
  }
  return { origin, values };
}

/** Parameters against the role's argument specs: names that are not known, and values that do not fit. */
export function checkRoleParams(use: RoleUse, folder: RoleFolder, loading: Loading): void {
  const { argumentSpecs, defaults, vars } = folder;
  const known = new Set([...argumentSpecs.map((spec) => spec.name), ...defaults.values.keys(), ...vars.values.keys()]);
  for (const [name, value] of use.params.values) {
    if (known.has(name)) continue;
    const keySpan = use.map.entries.find((entry) => entry.value === value)?.keySpan ?? value.span;
    const keyword = suggest(name, entryKeywords);
    if (argumentSpecs.length === 0 && (keyword === undefined || entryOf(use.map, name) === undefined)) continue;
    const hint = didYouMean(name, [...known, ...entryKeywords]);
    loading.diagnostics.error({
      code: 'unknown-argument',
      message: `the role \`${folder.name}\` has no argument \`${name}\``,
      span: keySpan,
      ...(hint === undefined ? {} : { hint }),
    });
  }
  const given = argumentSpecs.filter((spec) => use.params.values.has(spec.name));
  for (const diagnostic of argumentDiagnostics(given, { role: folder.name, values: use.params.values }))
    loading.diagnostics.add(diagnostic);
}
