import type { Located } from '../../../src/syntax/located.js';
import { createScope, type Scope } from '../../../src/template/scope.js';
import type { Expression, VariableContent } from '../../../src/template/types.js';
import type { Value } from '../../../src/template/value.js';

export const scalarAt = (value: string, column = 1): Located => ({
  kind: 'scalar',
  value,
  source: value,
  quoted: false,
  span: { file: 'play.yaml', start: { line: 3, column }, end: { line: 3, column: column + value.length } },
});

export const expression = (source: string): Expression => ({ source, span: scalarAt(source, 7).span, names: [] });

export function scopeOf(data: Readonly<Record<string, Value>>, located: Readonly<Record<string, string>> = {}): Scope {
  const variables = new Map<string, VariableContent>();
  for (const [name, value] of Object.entries(data)) variables.set(name, { kind: 'data', value });
  for (const [name, text] of Object.entries(located)) variables.set(name, { kind: 'located', located: scalarAt(text) });
  return createScope([{ origin: 'test', variables }]);
}
