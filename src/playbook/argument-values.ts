import type { Diagnostic } from '../core/diagnostic.js';
import { formatSpan } from '../core/span.js';
import type { Located } from '../syntax/located.js';
import { isTemplate } from '../syntax/located.js';
import { Unknown, type Value } from '../template/value.js';
import { checkRoleArguments } from './role-arguments.js';
import type { ArgumentSpec } from './types.js';

/** A located value as data, with `Unknown` wherever a template stands: what can be judged without a host. */
export function staticValue(located: Located): Value {
  if (isTemplate(located)) return new Unknown('a template');
  switch (located.kind) {
    case 'scalar':
      return located.value;
    case 'list':
      return located.items.map(staticValue);
    case 'map':
      return Object.fromEntries(located.entries.map((entry) => [entry.key, staticValue(entry.value)]));
  }
}

/** What is wrong with the written arguments of a role, at the values; templates in them are left to the run. */
export function argumentDiagnostics(
  specs: readonly ArgumentSpec[],
  options: { readonly role: string; readonly values: ReadonlyMap<string, Located> },
): readonly Diagnostic[] {
  return specs.flatMap((spec) => {
    const located = options.values.get(spec.name);
    if (located === undefined) return [];
    return checkRoleArguments([spec], { [spec.name]: staticValue(located) }).map((fault): Diagnostic => ({
      severity: 'error',
      code: 'wrong-argument',
      message: `role \`${options.role}\`: ${fault.message}`,
      span: located.span,
      related: [{ span: fault.spec.span, message: `\`${fault.spec.name}\` is described here` }],
      hint: fault.hint ?? `the role describes it at ${formatSpan(fault.spec.span)}`,
    }));
  });
}
