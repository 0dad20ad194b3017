import type { z } from 'zod';
import type { AnyModule, EvaluatedExpression } from '../modules/types.js';
import type { ModuleStep } from '../playbook/types.js';
import type { Span } from '../core/span.js';
import type { Masker } from '../shell/masker.js';
import { type Located, plainData } from '../syntax/located.js';
import { EvaluationError } from '../template/errors.js';
import { evaluateExpression, evaluateOptional } from '../template/evaluate.js';
import { parseExpression } from '../template/expression.js';
import type { Scope } from '../template/scope.js';
import type { Value } from '../template/value.js';
import { findUnknown, UnknownValue } from './unknown-value.js';

/**
 * A module's parameters for one host and item: rendered, with bare expressions evaluated, secrets made known to the
 * masker. Throws EvaluationError; throws UnknownValue for what a preview cannot know, unless the module works on the
 * controller alone and judges unknown values itself.
 */
export function renderParams(options: {
  readonly step: ModuleStep;
  readonly module: AnyModule;
  readonly scope: Scope;
  readonly masker: Masker;
}): Readonly<Record<string, unknown>> {
  const { step, module, scope, masker } = options;
  const values: Record<string, unknown> = {};
  for (const { key, value: located } of step.params.entries) {
    if (module.verbatim?.includes(key)) values[key] = plainData(located);
    else if (module.expressions?.includes(key)) values[key] = evaluatedExpressions(located, scope);
    else {
      const value = evaluateOptional(located, scope);
      if (value === undefined) continue;
      const unknown = module.controllerOnly && module.inventory === undefined ? undefined : findUnknown(value);
      if (unknown) throw new UnknownValue(unknown);
      if (module.secrets?.includes(key)) learn(masker, value);
      values[key] = value;
    }
  }
  return values;
}

/** The parameters as the module wants them, its secrets known to the masker. Throws EvaluationError naming every wrong argument: nothing was done. */
export function checkParams(
  module: AnyModule,
  options: { readonly values: Readonly<Record<string, unknown>>; readonly masker: Masker; readonly span: Span },
): unknown {
  const parsed = module.params.safeParse(options.values);
  if (parsed.success) {
    // Once more by their own names: a secret may have been given under an alias.
    const data = parsed.data as Readonly<Record<string, Value>> | undefined;
    for (const name of module.secrets ?? []) if (data?.[name] !== undefined) learn(options.masker, data[name]);
    return parsed.data;
  }
  const message = parsed.error.issues.map(describeIssue).join('; ');
  throw new EvaluationError({ severity: 'error', code: 'wrong-argument', message, span: options.span });
}

function evaluatedExpressions(located: Located, scope: Scope): EvaluatedExpression | readonly EvaluatedExpression[] {
  if (located.kind === 'list') return located.items.map((item) => evaluatedExpression(item, scope));
  return evaluatedExpression(located, scope);
}

function evaluatedExpression(located: Located, scope: Scope): EvaluatedExpression {
  const source = located.kind === 'scalar' ? String(located.value) : '';
  const parsed = parseExpression(source, located.span);
  if (parsed.kind === 'error') throw new EvaluationError(parsed.diagnostic);
  return { expression: source, value: evaluateExpression(parsed.expression, scope) };
}

function learn(masker: Masker, value: Value): void {
  if (typeof value === 'string') masker.learn(value);
  else if (typeof value === 'object' && value !== null)
    for (const member of Object.values(value)) learn(masker, member as Value);
}

function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `unknown argument ${issue.keys.map((key) => `\`${key}\``).join(', ')}`;
  const place = issue.path.length > 0 ? `argument \`${issue.path.map(String).join('.')}\`: ` : '';
  return `${place}${issue.message}`;
}
