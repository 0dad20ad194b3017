import type { Node } from 'acorn';
import { full } from 'acorn-walk';
import type { Diagnostic } from '../core/diagnostic.js';
import type { Span } from '../core/span.js';
import { analyse } from './analyse.js';
import { allowedGlobals, forbiddenMembers } from './globals.js';
import { parseCode } from './parse-code.js';
import { spanAt } from './place.js';
import type { Expression } from './types.js';

export type ParsedExpression =
  | { readonly kind: 'expression'; readonly expression: Expression }
  | { readonly kind: 'error'; readonly diagnostic: Diagnostic };

/**
 * Checks a bare expression when the playbook is loaded: syntax errors, statements, assignments and what leads out of
 * data (`this`, `constructor`, import) are mistakes with their place. `span` is the scalar the expression stands in.
 */
export function parseExpression(source: string, span: Span): ParsedExpression {
  const verdict = verdicts.get(source) ?? judgeExpression(source);
  verdicts.set(source, verdict);
  if (verdict.kind === 'good') return { kind: 'expression', expression: { source, span, names: verdict.names } };
  const { code, message, offset, hint } = verdict.refusal;
  return {
    kind: 'error',
    diagnostic: {
      severity: 'error',
      code,
      message,
      span: spanAt({ text: source, span }, offset),
      ...(hint === undefined ? {} : { hint }),
    },
  };
}

type Verdict =
  | { readonly kind: 'good'; readonly names: readonly string[] }
  /** The offset counts in the source. */
  | { readonly kind: 'bad'; readonly refusal: Refusal };

/** By source: an expression is evaluated for every host, and many stand in several places. */
const verdicts = new Map<string, Verdict>();

function judgeExpression(source: string): Verdict {
  const bad = (code: string, message: string, offset: number, hint?: string): Verdict => ({
    kind: 'bad',
    refusal: { code, message, offset, ...(hint === undefined ? {} : { hint }) },
  });
  if (source.trim() === '') return bad('empty-expression', 'an expression is needed here', 0);
  if (source.includes('<%'))
    return bad(
      'delimiters-in-expression',
      'an expression is written without <% %> here',
      source.indexOf('<%'),
      'leave the delimiters out',
    );
  const parsed = parseCode(source);
  if (parsed.kind === 'error' && /\{\{|\{%/.test(source)) {
    return bad(
      'jinja',
      'this looks like a Jinja template',
      source.indexOf('{'),
      'write a bare JavaScript expression, without {{ }}',
    );
  }
  if (parsed.kind === 'error') return bad('expression-syntax', parsed.message, parsed.offset, pythonHint(source));
  const { program } = parsed;
  const refusal = findAssignment(program) ?? refuse(program);
  if (refusal) return { kind: 'bad', refusal: { ...refusal, offset: refusal.offset - 1 } };
  const names = new Set<string>();
  for (const name of analyse(program).names) {
    if (!name.guarded && name.name !== 'omit' && !allowedGlobals.has(name.name)) names.add(name.name);
  }
  return { kind: 'good', names: [...names] };
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly offset: number;
  readonly hint?: string;
}

/** The first thing in parsed code that playbook code may not do, or undefined. */
export function refuse(program: Node): Refusal | undefined {
  const refusals: Refusal[] = [];
  const add = (node: Node, code: string, message: string, hint?: string): void => {
    refusals.push({ code, message, offset: node.start, ...(hint === undefined ? {} : { hint }) });
  };
  full(program, (node) => {
    switch (node.type) {
      case 'ThisExpression':
      case 'Super':
      case 'MetaProperty':
      case 'ImportExpression':
      case 'AwaitExpression':
      case 'YieldExpression':
        add(
          node,
          'forbidden-code',
          `\`${node.type.replace(/Expression$/, '').toLowerCase()}\` cannot be used in a template`,
        );
        break;
      case 'MemberExpression': {
        const key = memberKey(node);
        if (key !== undefined && forbiddenMembers.has(key))
          add(node, 'forbidden-member', `\`${key}\` cannot be read in a template`);
        break;
      }
      default:
    }
  });
  return refusals.toSorted((a, b) => a.offset - b.offset)[0];
}

/** The member that is read by a name known from the code: `a.b`, `a['b']`. */
function memberKey(node: Node): string | undefined {
  const { computed, property } = node as unknown as {
    computed: boolean;
    property: { type: string; name?: string; value?: unknown };
  };
  const key = computed ? property.value : property.name;
  return typeof key === 'string' ? key : undefined;
}

/** The first assignment in an expression: expressions only read. */
export function findAssignment(program: Node): Refusal | undefined {
  let found: Refusal | undefined;
  full(program, (node) => {
    if (found || !['AssignmentExpression', 'UpdateExpression'].includes(node.type)) return;
    const hint = node.type === 'AssignmentExpression' ? 'to compare, write `===`' : undefined;
    found = {
      code: 'assignment',
      message: 'an expression cannot assign',
      offset: node.start,
      ...(hint === undefined ? {} : { hint }),
    };
  });
  return found;
}

/** People who come from Ansible write Python's operators: say how JavaScript writes them. */
function pythonHint(source: string): string | undefined {
  if (/\S\s+if\s.+\selse\s/.test(source)) return 'write `condition ? a : b` for `a if condition else b`';
  if (/\S\s+~\s+\S/.test(source)) return 'write `+` for `~`';
  if (/\bnot in\b/.test(source)) return 'write `!list.includes(x)` for `x not in list`';
  if (/\|\s*default\s*\(/.test(source)) return 'write `x ?? value` for `x | default(value)`';
  if (/\bis (not )?defined\b/.test(source)) return "write `typeof x !== 'undefined'` for `x is defined`";
  if (/\bis (not )?\w+/.test(source)) return 'registered results are plain values: `result.changed`, `result.failed`';
  if (/\bnot\b/.test(source)) return 'write `!` for `not`';
  if (/\band\b|\bor\b/.test(source)) return 'write `&&` for `and`, `||` for `or`';
  if (/\bin\b/.test(source)) return 'write `list.includes(x)` for `x in list`';
  return undefined;
}
