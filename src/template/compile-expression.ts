import type { Node } from 'acorn';
import { invariant } from '../core/assert.js';
import { analyse } from './analyse.js';
import { allowedGlobals } from './globals.js';
import { parseCode } from './parse-code.js';
import { lenientParameter, rewrite, scopeParameter } from './rewrite.js';

export type CompiledExpression = (
  scope: (name: string, offset: number) => unknown,
  lenient: (action: () => unknown) => unknown,
) => unknown;

export interface ExpressionCode {
  readonly run: CompiledExpression;
  /** Offsets are one more than in the source. */
  readonly program: Node;
}

const compiled = new Map<string, ExpressionCode>();

/** Compiles a checked expression; the same text is compiled once per process. */
export function compileExpression(source: string): ExpressionCode {
  const known = compiled.get(source);
  if (known) return known;
  const parsed = parseCode(source);
  invariant(parsed.kind === 'code', `an unchecked expression was compiled: ${source}`);
  const body = rewrite(parsed.wrapped, analyse(parsed.program), allowedGlobals);
  // Templates are the controller's own code (docs/security.md); data never becomes source text.
  // oxlint-disable-next-line typescript/no-implied-eval -- compiling checked expressions is this room's purpose
  const run = new Function(scopeParameter, lenientParameter, `"use strict"; return ${body};`) as CompiledExpression;
  const code = { run, program: parsed.program };
  compiled.set(source, code);
  return code;
}
