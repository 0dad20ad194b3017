import { simple } from 'acorn-walk';
import type { Span } from '../core/span.js';
import { isTemplate, type Located } from '../syntax/located.js';
import { compileExpression } from './compile-expression.js';
import { EvaluationError, type UndefinedRead } from './errors.js';
import { parseExpression } from './expression.js';
import { spanAt } from './place.js';
import { toData } from './result.js';
import { lenient, reader, settle } from './run-code.js';
import type { Scope } from './scope.js';
import { loneExpression, renderText } from './text.js';
import type { Expression } from './types.js';
import { Unknown, type Value } from './value.js';

/**
 * The value of located text: every template in it is rendered, a scalar that is one `<%= expression %>` keeps the
 * expression's own type. In a map or list, an entry that evaluates to undefined (`omit`, `a?.b`) is left out.
 */
export function evaluate(located: Located, scope: Scope): Value {
  const value = evaluateOptional(located, scope);
  if (value !== undefined) return value;
  throw new EvaluationError({
    severity: 'error',
    code: 'no-value',
    message: 'the expression gives no value',
    span: located.span,
    hint: 'give one with `?? default`',
  });
}

/** Like evaluate, but undefined when the expression gives no value ("omit this parameter"). */
export function evaluateOptional(located: Located, scope: Scope): Value | undefined {
  switch (located.kind) {
    case 'list':
      return located.items.map((item) => evaluateOptional(item, scope)).filter((item) => item !== undefined);
    case 'map': {
      const map: Record<string, Value> = {};
      for (const entry of located.entries) {
        const value = evaluateOptional(entry.value, scope);
        if (value !== undefined) map[entry.key] = value;
      }
      return map;
    }
    case 'scalar': {
      if (located.shut !== undefined) throw shutError(located.span, located.shut);
      if (!isTemplate(located) || typeof located.value !== 'string') return located.value;
      const lone = loneExpression(located.value);
      if (lone === undefined) return renderText({ text: located.value, span: located.span }, scope);
      return evaluateCode(
        {
          source: lone.source,
          span: spanAt({ text: located.value, span: located.span }, lone.offset, lone.source.length),
        },
        scope,
      );
    }
  }
}

function shutError(span: Span, shut: { readonly reason: string; readonly hint: string }): EvaluationError {
  return new EvaluationError({
    severity: 'error',
    code: 'encrypted',
    message: `this value cannot be used: ${shut.reason}`,
    span,
    hint: shut.hint,
  });
}

/** The value of a bare expression. Throws EvaluationError when it gives no value. */
export function evaluateExpression(expression: Expression, scope: Scope): Value {
  const value = evaluateCode(expression, scope);
  if (value !== undefined) return value;
  throw new EvaluationError({
    severity: 'error',
    code: 'no-value',
    message: 'the expression gives no value',
    span: expression.span,
  });
}

/** A condition's answer. Only true and false are answers: a text "false" would count as true otherwise. */
export function evaluateCondition(expression: Expression, scope: Scope): boolean | Unknown {
  const value = evaluateCode(expression, scope);
  if (typeof value === 'boolean' || value instanceof Unknown) return value;
  const kind =
    value === undefined
      ? 'no value'
      : value === null
        ? 'null'
        : Array.isArray(value)
          ? 'a list'
          : typeof value === 'object'
            ? 'a map'
            : `a ${typeof value}`;
  throw new EvaluationError({
    severity: 'error',
    code: 'condition-not-boolean',
    message: `a condition must be true or false, this one is ${kind}`,
    span: expression.span,
    hint: typeof value === 'string' ? "compare it: `x === 'yes'`, or `x !== ''`" : 'compare it, or write `Boolean(…)`',
  });
}

function evaluateCode(code: { readonly source: string; readonly span: Span }, scope: Scope): Value | undefined {
  const parsed = parseExpression(code.source, code.span);
  if (parsed.kind === 'error') throw new EvaluationError(parsed.diagnostic);
  const { run, program } = compileExpression(code.source);
  const locate = (error: UndefinedRead | undefined): Span => {
    if (!error) return code.span;
    let offset = error.offset;
    if (offset === undefined) {
      simple(program, {
        MemberExpression(node) {
          if (offset === undefined && !node.computed && 'name' in node.property && node.property.name === error.key)
            offset = node.property.start;
        },
      });
    }
    return offset === undefined
      ? code.span
      : spanAt({ text: code.source, span: code.span }, offset - 1, error.key.length);
  };
  return settle(() => toData(run(reader(scope), lenient)), locate);
}
