import type { Diagnostic, Diagnostics } from '../core/diagnostic.js';
import type { Located, LocatedEntry, LocatedMap, LocatedScalar } from '../syntax/located.js';
import { entryOf } from '../syntax/located.js';
import { schemaKeys } from '../syntax/schema-keys.js';
import { checkData } from '../syntax/schema.js';
import type { ModuleShape } from './catalogue.js';
import { checkText } from './check-text.js';
import { readConditions } from './conditions.js';
import { isNothing, readMap } from './fields.js';
import type { Loading } from './loading.js';
import type { ActionKey } from './task-keys.js';
import { hintForParameter } from './parameter-hints.js';
import { checkVariableName } from './variables.js';

/**
 * The parameters of a module step: its map, a bare scalar put under the free-form parameter, and Ansible's `args`.
 * Everything that can be judged without a host is judged: names, types, templates, bare expressions.
 */
export function readModuleParams(
  action: ActionKey,
  options: { readonly map: LocatedMap; readonly module: ModuleShape; readonly loading: Loading },
): LocatedMap | undefined {
  const { map, module, loading } = options;
  const own = ownParams(action.entry, module, loading.diagnostics);
  const args = entryOf(map, 'args');
  const added = args === undefined ? undefined : readMap(args, loading.diagnostics);
  if (own === undefined) return undefined;
  const params = added === undefined ? own : withArgs(own, added, loading.diagnostics);
  checkParams(params, module, loading.diagnostics);
  return params;
}

function ownParams(entry: LocatedEntry, module: ModuleShape, diagnostics: Diagnostics): LocatedMap | undefined {
  const { value } = entry;
  if (value.kind === 'map') return value;
  if (isNothing(entry)) return { kind: 'map', entries: [], span: entry.keySpan };
  if (value.kind === 'scalar') {
    const key = writtenParameter(value, module);
    if (key !== undefined) return refuseKeyValueText(entry, { key, freeForm: module.freeForm, diagnostics });
  }
  if (module.freeForm !== undefined)
    return { kind: 'map', entries: [{ key: module.freeForm, keySpan: entry.keySpan, value }], span: value.span };
  diagnostics.error({
    code: 'wrong-type',
    message: `\`${module.name}\` takes a map of parameters`,
    span: value.span,
    hint: `known: ${schemaKeys(module.params, []).join(', ')}`,
  });
  return undefined;
}

/**
 * The `key` of Ansible's `copy: key=value …` and `command: words creates=/path`: one the module knows, or any where text
 * has no meaning of its own. What stands at the start of a shell line is an assignment.
 */
function writtenParameter(scalar: LocatedScalar, module: ModuleShape): string | undefined {
  if (typeof scalar.value !== 'string') return undefined;
  const leading = /^\s*([a-z_]+)=/.exec(scalar.value)?.[1];
  if (module.freeForm === undefined) return leading;
  const known = schemaKeys(module.params, []);
  if (leading !== undefined && known.includes(leading)) return leading;
  if (module.freeForm === 'msg') return undefined;
  const later = [...scalar.value.matchAll(/(?<=\S[ \t]+)([a-z_]+)=/g)].flatMap(([, key]) => key ?? []);
  return later.find((key) => key !== module.freeForm && known.includes(key));
}

function refuseKeyValueText(
  entry: LocatedEntry,
  options: { readonly key: string; readonly freeForm: string | undefined; readonly diagnostics: Diagnostics },
): undefined {
  const { key, freeForm, diagnostics } = options;
  const text = freeForm === undefined || freeForm === key ? '' : `\`${freeForm}: …\` and `;
  diagnostics.error({
    code: 'key-value-text',
    message: `parameters are a map here, not \`${key}=…\` in a text`,
    span: entry.value.span,
    hint: `write \`${entry.key}:\` and below it, indented, ${text}\`${key}: …\``,
  });
  return undefined;
}

function withArgs(own: LocatedMap, args: LocatedMap, diagnostics: Diagnostics): LocatedMap {
  const added = args.entries.filter((entry) => {
    const first = entryOf(own, entry.key);
    if (first === undefined) return true;
    diagnostics.error({
      code: 'said-twice',
      message: `\`${entry.key}\` is said twice`,
      span: entry.keySpan,
      related: [{ span: first.keySpan, message: 'it is also said here' }],
    });
    return false;
  });
  return { ...own, entries: [...own.entries, ...added] };
}

function checkFactName({ key, keySpan: span }: LocatedEntry, diagnostics: Diagnostics): void {
  checkVariableName(key, { span, diagnostics });
  if (key !== 'cacheable') return;
  diagnostics.error({
    code: 'unknown-key',
    message: "`cacheable` is no variable but a word of Ansible's, for a cache of facts that is not here",
    span,
    hint: 'remove it: what is set holds for the rest of the run',
  });
}

function checkParams(params: LocatedMap, module: ModuleShape, diagnostics: Diagnostics): void {
  for (const entry of params.entries) {
    if (module.name === 'set_fact') checkFactName(entry, diagnostics);
    if (module.expressions?.includes(entry.key) === true) readConditions(entry, diagnostics);
    else if (module.verbatim?.includes(entry.key) !== true) checkText(entry.value, diagnostics);
  }
  for (const diagnostic of checkData({
    schema: module.params,
    located: withoutExpressions(params, module),
    what: `\`${module.name}\``,
  }))
    diagnostics.add(withHint(diagnostic, { params, module }));
}

/** Names what does the work of a parameter that only Ansible's module has. */
function withHint(
  diagnostic: Diagnostic,
  { params, module }: { readonly params: LocatedMap; readonly module: ModuleShape },
): Diagnostic {
  if (diagnostic.code !== 'unknown-key') return diagnostic;
  const unknown = params.entries.find(({ keySpan }) => keySpan === diagnostic.span);
  const hint = unknown === undefined ? undefined : hintForParameter(module.name, unknown.key);
  return hint === undefined ? diagnostic : { ...diagnostic, hint };
}

/** Bare expressions have their value only at run time: a template stands in for them, so that the schema lets them pass. */
function withoutExpressions(params: LocatedMap, module: ModuleShape): LocatedMap {
  const later = (value: Located): LocatedScalar => ({
    kind: 'scalar',
    value: '<%= %>',
    source: '<%= %>',
    quoted: true,
    span: value.span,
  });
  const entries = params.entries.map((entry) =>
    module.expressions?.includes(entry.key) === true ? { ...entry, value: later(entry.value) } : entry,
  );
  return { ...params, entries };
}
