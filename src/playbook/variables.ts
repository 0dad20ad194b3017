import type { Diagnostics } from '../core/diagnostic.js';
import type { Span } from '../core/span.js';
import type { Located, LocatedEntry, LocatedMap } from '../syntax/located.js';
import { variableNameFault } from '../syntax/variable-name.js';
import { checkLostText } from '../syntax/variable-text.js';
import { readMap } from './fields.js';
import type { VariableBlock } from './types.js';

/** Reports a name that no expression could read, or that is always there. Returns whether it may be used. */
export function checkVariableName(
  name: string,
  options: { readonly span: Span; readonly diagnostics: Diagnostics },
): boolean {
  const fault = variableNameFault(name);
  if (fault === undefined) return true;
  options.diagnostics.error({ code: 'invalid-name', span: options.span, ...fault });
  return false;
}

export function emptyBlock(origin: string): VariableBlock {
  return { origin, values: new Map() };
}

/** The variables of a map; names nothing could read are reported and left out. */
export function variableBlock(
  map: LocatedMap,
  options: { readonly origin: string; readonly diagnostics: Diagnostics },
): VariableBlock {
  const values = new Map<string, Located>();
  for (const entry of map.entries) {
    checkLostText(entry.value, options.diagnostics);
    if (checkVariableName(entry.key, { span: entry.keySpan, diagnostics: options.diagnostics }))
      values.set(entry.key, entry.value);
  }
  return { origin: options.origin, values };
}

/** A `vars:` field; nothing in it is an empty block. */
export function readVariables(
  entry: LocatedEntry | undefined,
  options: { readonly origin: string; readonly diagnostics: Diagnostics },
): VariableBlock {
  if (entry === undefined || (entry.value.kind === 'scalar' && entry.value.value === null))
    return emptyBlock(options.origin);
  const map = readMap(entry, options.diagnostics);
  return map === undefined ? emptyBlock(options.origin) : variableBlock(map, options);
}
