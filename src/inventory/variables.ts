import type { Diagnostics } from '../core/diagnostic.js';
import { describe } from '../syntax/describe.js';
import type { Located } from '../syntax/located.js';
import { variableNameFault } from '../syntax/variable-name.js';
import { checkBraces, checkLostText } from '../syntax/variable-text.js';

/** The variables of a map, by name. Nothing (`vars:` with no value) is an empty set; anything but a map is a mistake. */
export function readVariables(options: {
  readonly located: Located | undefined;
  /** For messages: "the vars of `web`". */
  readonly what: string;
  readonly diagnostics: Diagnostics;
}): ReadonlyMap<string, Located> {
  const { located, what, diagnostics } = options;
  const variables = new Map<string, Located>();
  if (located === undefined || (located.kind === 'scalar' && located.value === null)) return variables;
  if (located.kind !== 'map') {
    diagnostics.error({
      code: 'wrong-type',
      message: `${what} must be a map of names and values, this is ${describe(located)}`,
      span: located.span,
    });
    return variables;
  }
  for (const entry of located.entries) {
    const fault = variableNameFault(entry.key);
    if (fault !== undefined) diagnostics.error({ code: 'invalid-name', span: entry.keySpan, ...fault });
    checkBraces(entry.value, diagnostics);
    checkLostText(entry.value, diagnostics);
    variables.set(entry.key, entry.value);
  }
  return variables;
}
