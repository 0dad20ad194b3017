import type { Diagnostics } from '../core/diagnostic.js';
import type { Span } from '../core/span.js';
import type { Located, LocatedEntry, LocatedMap } from '../syntax/located.js';
import { readMap } from './fields.js';
import type { VariableBlock } from './types.js';

/** Names that are always there; nothing else may take them. */
export const builtinNames = ['host', 'groups', 'hosts', 'facts', 'play', 'role', 'run'] as const;

const reservedWords = new Set(
  (
    'arguments async await break case catch class const continue debugger default delete do else enum eval export extends false finally for ' +
    'function if implements import in instanceof interface let new null package private protected public return static super switch this ' +
    'throw true try typeof undefined var void while with yield'
  ).split(' '),
);

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

function variableNameFault(name: string): { readonly message: string; readonly hint: string } | undefined {
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    const hint = /^[A-Za-z_][\w.-]*$/.test(name)
      ? `write \`${name.replaceAll(/[.-]/g, '_')}\``
      : 'use letters, digits and `_`, and do not begin with a digit';
    return { message: `\`${name}\` cannot be the name of a variable`, hint };
  }
  if (reservedWords.has(name))
    return {
      message: `\`${name}\` is a word of JavaScript and cannot be the name of a variable`,
      hint: `write \`${name}_\` or another name`,
    };
  if ((builtinNames as readonly string[]).includes(name))
    return { message: `\`${name}\` is always there and cannot be set`, hint: 'choose another name' };
  return undefined;
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
