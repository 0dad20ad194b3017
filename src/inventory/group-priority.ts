import type { Diagnostics } from '../core/diagnostic.js';
import { describe } from '../syntax/describe.js';
import type { VariableLayer } from './types.js';

/** Ansible's name for it, among a group's variables. */
const settingName = 'ansible_group_priority';

/**
 * The rank of a group among those as deep as it is: the variables of the highest win, names decide between equals. 1 where
 * nothing is said. The INI form gives numbers, a program's JSON may give texts of digits.
 */
export function priorityOf(layers: readonly VariableLayer[], diagnostics?: Diagnostics): number {
  const located = layers.findLast(({ values }) => values.has(settingName))?.values.get(settingName);
  if (located === undefined) return 1;
  const value = located.kind === 'scalar' ? Number(located.value) : Number.NaN;
  if (Number.isInteger(value)) return value;
  diagnostics?.error({
    code: 'wrong-type',
    message: `\`${settingName}\` must be a whole number, this is ${describe(located)}`,
    span: located.span,
  });
  return 1;
}
