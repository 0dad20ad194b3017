import type { Diagnostics } from '../core/diagnostic.js';
import type { LocatedEntry, LocatedScalar } from '../syntax/located.js';
import { parseExpression } from '../template/expression.js';
import type { Expression } from '../template/types.js';
import { readEach, wrongType } from './fields.js';

/**
 * The bare expressions of `when`, `until`, `changed_when` …: one, or a list of which all must hold. What is wrong with
 * them (syntax, assignment, `{{ }}`) is reported with its place and left out.
 */
export function readConditions(entry: LocatedEntry, diagnostics: Diagnostics): readonly Expression[] {
  return readEach(entry).flatMap((item) => {
    const { value } = item;
    if (value.kind !== 'scalar' || typeof value.value === 'number' || value.value === null) {
      wrongType(item, { expected: 'an expression', diagnostics });
      return [];
    }
    const expression = readExpression(value, diagnostics);
    return expression === undefined ? [] : [expression];
  });
}

/** One bare expression, or undefined when it was reported. */
export function readExpression(scalar: LocatedScalar, diagnostics: Diagnostics): Expression | undefined {
  const parsed = parseExpression(String(scalar.value), scalar.span);
  if (parsed.kind === 'expression') return parsed.expression;
  diagnostics.add(parsed.diagnostic);
  return undefined;
}
