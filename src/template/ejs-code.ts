import { type Node, parse } from 'acorn';
import ejs from 'ejs';
import type { Diagnostic } from '../core/diagnostic.js';
import type { Span } from '../core/span.js';
import { analyse, type CodeAnalysis } from './analyse.js';
import { refuse, type Refusal } from './expression.js';
import { allowedGlobals } from './globals.js';
import { syntaxErrorMessage, syntaxErrorOffset } from './parse-code.js';
import { type PlacedText, spanAt } from './place.js';
import { lenientParameter, rewrite, scopeParameter } from './rewrite.js';

/** Names that EJS's own generated code calls. */
const engineNames = ['__append', 'escapeFn', '__line', 'include', 'rethrow'] as const;
const kept: ReadonlySet<string> = new Set([...allowedGlobals, ...engineNames]);

export interface EngineCalls {
  readonly scope: (name: string, offset: number) => unknown;
  readonly lenient: (action: () => unknown) => unknown;
  readonly append: (piece: unknown) => void;
  readonly escape: (value: unknown) => unknown;
  readonly include: (path: unknown, data?: unknown) => string;
  /** The line of the text that was reached when the code ended, well or not. */
  readonly ended: (line: number) => void;
}

export interface TemplateCode {
  readonly run: (calls: EngineCalls) => void;
  readonly analysis: CodeAnalysis;
  /** The place in the user's file of an offset in the generated code, or of a key read there. */
  locate(offset: number | undefined, key: string | undefined): Span;
  /** The place of a line of the text. */
  locateLine(line: number): Span;
}

export type CompiledTemplate =
  | { readonly kind: 'code'; readonly code: TemplateCode }
  | { readonly kind: 'error'; readonly diagnostic: Diagnostic };

const compiled = new Map<string, CompiledTemplate>();

/**
 * Compiles an EJS text. EJS only splits the text into code; names are bound by our own rewriting (no `with`, no HTML
 * escaping), so that an undefined name is an error with its place. The same text at the same place is compiled once per
 * process: it is checked first, and rendered for every host.
 */
export function compileTemplate(placed: PlacedText): CompiledTemplate {
  const { file, start } = placed.span;
  const key = `${file}:${start.line}:${start.column}\n${placed.text}`;
  const template = compiled.get(key) ?? compileAnew(placed);
  compiled.set(key, template);
  return template;
}

function compileAnew(placed: PlacedText): CompiledTemplate {
  let source: string;
  try {
    source = splitTemplate(placed.text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return mistake({ code: 'template-syntax', message, offset: Math.max(0, placed.text.lastIndexOf('<%')) }, (offset) =>
      spanAt(placed, offset),
    );
  }
  let program: Node;
  try {
    program = parse(source, { ecmaVersion: 2023, allowReturnOutsideFunction: false });
  } catch (error) {
    const offset = syntaxErrorOffset(error);
    const message = syntaxErrorMessage(error).replace(
      'not a JavaScript expression',
      'not valid JavaScript in a template',
    );
    return mistake({ code: 'template-syntax', message, offset }, (at) =>
      locateIn({ placed, source, offset: at, key: undefined }),
    );
  }
  const refusal = refuse(program);
  const locate = (offset: number | undefined, key: string | undefined): Span =>
    locateIn({ placed, source, offset, key });
  if (refusal) return mistake(refusal, (offset) => locate(offset, undefined));
  const analysis = analyse(program);
  let run: ((...args: readonly unknown[]) => void) | undefined;
  const compile = (): NonNullable<typeof run> =>
    // oxlint-disable-next-line typescript/no-implied-eval -- compiling checked templates is this room's purpose
    new Function(
      scopeParameter,
      lenientParameter,
      '__append',
      'escapeFn',
      'include',
      '__ended',
      `"use strict"; let __line = 1; try {\n${rewrite(source, analysis, kept)}\n} finally { __ended(__line); }`,
    ) as NonNullable<typeof run>;
  return {
    kind: 'code',
    code: {
      analysis,
      locate,
      locateLine: (line) => spanAt(placed, lineStart(placed.text.split('\n'), line)),
      run: (calls) =>
        (run ??= compile())(calls.scope, calls.lenient, calls.append, calls.escape, calls.include, calls.ended),
    },
  };
}

/** Free names of a template with their places, guarded ones left out. */
export function namesOf(code: TemplateCode): ReadonlyMap<string, Span> {
  const names = new Map<string, Span>();
  for (const name of code.analysis.names) {
    if (name.guarded || name.name === 'omit' || kept.has(name.name) || names.has(name.name)) continue;
    names.set(name.name, code.locate(name.start, name.name));
  }
  return names;
}

function mistake(refusal: Refusal, locate: (offset: number) => Span): CompiledTemplate {
  const { code, message, hint } = refusal;
  return {
    kind: 'error',
    diagnostic: {
      severity: 'error',
      code,
      message,
      span: locate(refusal.offset),
      ...(hint === undefined ? {} : { hint }),
    },
  };
}

/** EJS's split of a text into statements; its types know nothing of it, but it is the documented `Template` class. */
function splitTemplate(text: string): string {
  const options = { _with: false, compileDebug: true, strict: false, rmWhitespace: false };
  const template = new ejs.Template(text, options) as unknown as { generateSource(): void; source: string };
  template.generateSource();
  return template.source;
}

/** EJS writes `__line = n` where the text's lines begin: that gives the line; the column is the key's, searched in it. */
function locateIn(at: {
  readonly placed: PlacedText;
  readonly source: string;
  readonly offset: number | undefined;
  readonly key: string | undefined;
}): Span {
  const { placed, source, key } = at;
  let line = 1;
  for (const match of source.slice(0, at.offset ?? source.length).matchAll(/__line = (\d+)/g)) line = Number(match[1]);
  const lines = placed.text.split('\n');
  const column = key === undefined ? -1 : wordIndex(lines[line - 1] ?? '', key);
  if (at.offset === undefined && key !== undefined) {
    const anywhere = wordIndex(placed.text, key);
    return spanAt(placed, Math.max(0, anywhere), key.length);
  }
  return spanAt(placed, lineStart(lines, line) + Math.max(0, column), key?.length ?? 1);
}

/** Where a line of a text begins. */
function lineStart(lines: readonly string[], line: number): number {
  return lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
}

function wordIndex(text: string, word: string): number {
  const match = new RegExp(`(?<![\\w$])${word.replace(/[^\w]/g, '\\$&')}(?![\\w$])`).exec(text);
  return match?.index ?? -1;
}
