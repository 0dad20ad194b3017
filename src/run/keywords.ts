import type { Templated } from '../playbook/types.js';
import { EvaluationError } from '../template/errors.js';
import { evaluateCondition, evaluateOptional } from '../template/evaluate.js';
import type { Scope } from '../template/scope.js';
import type { Expression } from '../template/types.js';
import { isValueMap, Unknown, type Value } from '../template/value.js';
import { known } from './unknown-value.js';

/** A keyword's value: undefined when it is not said or says `omit`. Throws UnknownValue in a preview that cannot know. */
function keywordValue(templated: Templated | undefined, scope: Scope): Value | undefined {
  if (!templated) return undefined;
  const value = evaluateOptional(templated, scope);
  return value === undefined ? undefined : known(value);
}

export function booleanKeyword(templated: Templated | undefined, scope: Scope): boolean | undefined {
  const value = keywordValue(templated, scope);
  if (value === undefined || typeof value === 'boolean') return value;
  throw wrongType({ templated: templated!, wanted: 'true or false', value });
}

export function numberKeyword(templated: Templated | undefined, scope: Scope): number | undefined {
  const value = keywordValue(templated, scope);
  if (value === undefined || typeof value === 'number') return value;
  if (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value)) return Number(value);
  throw wrongType({ templated: templated!, wanted: 'a number', value });
}

export function textKeyword(templated: Templated | undefined, scope: Scope): string | undefined {
  const value = keywordValue(templated, scope);
  if (value === undefined || typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw wrongType({ templated: templated!, wanted: 'text', value });
}

/** Environment maps, outer to inner: the inner one wins name by name. */
export function environmentKeyword(maps: readonly Templated[], scope: Scope): Readonly<Record<string, string>> {
  const environment: Record<string, string> = {};
  for (const templated of maps) {
    const map = keywordValue(templated, scope);
    if (map === undefined) continue;
    if (!isValueMap(map)) throw wrongType({ templated, wanted: 'a map of names and texts', value: map });
    for (const [name, value] of Object.entries(map)) {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
        throw wrongType({ templated, wanted: 'a map of environment names', value: name });
      const text = known(value);
      if (typeof text === 'object') throw wrongType({ templated, wanted: `text for ${name}`, value: text });
      environment[name] = String(text);
    }
  }
  return environment;
}

/**
 * Whether all conditions hold, judged in order; the first that does not ends it. Gives the condition that failed, or
 * Unknown when none failed and one is unknown.
 */
export function judge(
  conditions: readonly Expression[],
  scope: Scope,
): true | { readonly failed: Expression } | Unknown {
  let unknown: Unknown | undefined;
  for (const condition of conditions) {
    const answer = evaluateCondition(condition, scope);
    if (answer === false) return { failed: condition };
    if (answer instanceof Unknown) unknown ??= answer;
  }
  return unknown ?? true;
}

function wrongType(options: {
  readonly templated: Templated;
  readonly wanted: string;
  readonly value: Value;
}): EvaluationError {
  const { templated, wanted, value } = options;
  return new EvaluationError({
    severity: 'error',
    code: 'wrong-type',
    message: `this must be ${wanted}, not ${JSON.stringify(value)}`,
    span: templated.span,
    ...(value === 'yes' || value === 'no' ? { hint: `write ${value === 'yes' ? 'true' : 'false'}` } : {}),
  });
}
