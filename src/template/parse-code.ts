import { type Node, parse } from 'acorn';

export type ParsedCode =
  /** Offsets in `program` count from the parenthesis before the source: one more than in the source. */
  | { readonly kind: 'code'; readonly program: Node; readonly wrapped: string }
  | { readonly kind: 'error'; readonly message: string; readonly offset: number };

const parsed = new Map<string, ParsedCode>();

/**
 * Parses one expression, wrapped in parentheses so that `{ a: 1 }` is a map and a second statement is a mistake. The same
 * text is parsed once per process: it is checked first and compiled later.
 */
export function parseCode(source: string): ParsedCode {
  const code = parsed.get(source) ?? parseAnew(source);
  parsed.set(source, code);
  return code;
}

function parseAnew(source: string): ParsedCode {
  const wrapped = `(${source}\n)`;
  try {
    return { kind: 'code', program: parse(wrapped, { ecmaVersion: 2023 }), wrapped };
  } catch (error) {
    const offset = Math.min(Math.max(0, syntaxErrorOffset(error) - 1), source.length);
    return { kind: 'error', message: syntaxErrorMessage(error), offset };
  }
}

/** Acorn's error position; the start for anything else. */
export function syntaxErrorOffset(error: unknown): number {
  return error instanceof SyntaxError && 'pos' in error && typeof error.pos === 'number' ? error.pos : 0;
}

/** Acorn's message without its "(line:column)". */
export function syntaxErrorMessage(error: unknown): string {
  const message = error instanceof Error ? error.message.replace(/ \(\d+:\d+\)$/, '') : String(error);
  return `not a JavaScript expression: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
}
