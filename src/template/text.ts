import type { Diagnostic } from '../core/diagnostic.js';
import type { Span } from '../core/span.js';
import { isTemplate, type Located, type LocatedScalar } from '../syntax/located.js';
import { compileTemplate, namesOf } from './ejs-code.js';
import { parseExpression } from './expression.js';
import { type PlacedText, spanAt } from './place.js';
import { type IncludeTemplate, renderPlaced } from './render.js';
import type { Scope } from './scope.js';
import type { Unknown } from './value.js';

/** The expression of a text that is exactly one `<%= expression %>`, and where it begins; undefined for any other text. */
export function loneExpression(text: string): { readonly source: string; readonly offset: number } | undefined {
  const match = /^<%[=-]([\s\S]*?)[-_]?%>$/.exec(text);
  const source = match?.[1];
  if (source === undefined || source.includes('<%') || source.includes('%>')) return undefined;
  const blanks = source.length - source.trimStart().length;
  return { source: source.trim(), offset: 3 + blanks };
}

/** Renders a text with templates in it. */
export function renderText(placed: PlacedText, scope: Scope, include?: IncludeTemplate): string | Unknown {
  return renderPlaced({ placed, scope, ...(include ? { include } : {}) });
}

export interface TemplateCheck {
  readonly diagnostics: readonly Diagnostic[];
  /** Top-level names that must exist, with the place of the first read. */
  readonly names: ReadonlyMap<string, Span>;
}

/** Parses every template in a value without rendering: mistakes and the names it reads. */
export function checkTemplates(located: Located): TemplateCheck {
  const diagnostics: Diagnostic[] = [];
  const names = new Map<string, Span>();
  const visit = (value: Located): void => {
    if (value.kind === 'list') value.items.forEach(visit);
    else if (value.kind === 'map') value.entries.forEach((entry) => visit(entry.value));
    else if (isTemplate(value)) {
      const check = checkScalar(value);
      diagnostics.push(...check.diagnostics);
      for (const [name, span] of check.names) if (!names.has(name)) names.set(name, span);
    }
  };
  visit(located);
  return { diagnostics, names };
}

const checked = new WeakMap<LocatedScalar, TemplateCheck>();

/** A text is checked when it is loaded and again for its names: it is parsed once. */
function checkScalar(scalar: LocatedScalar): TemplateCheck {
  const known = checked.get(scalar);
  if (known !== undefined) return known;
  const check = checkText({ text: String(scalar.value), span: scalar.span });
  checked.set(scalar, check);
  return check;
}

/** The same for one text. */
export function checkText(placed: PlacedText): TemplateCheck {
  const lone = loneExpression(placed.text);
  if (lone) {
    const span = spanAt(placed, lone.offset, lone.source.length);
    const parsed = parseExpression(lone.source, span);
    if (parsed.kind === 'error') return { diagnostics: [parsed.diagnostic], names: new Map() };
    const places = parsed.expression.names.map(
      (name) => [name, spanAt(placed, lone.offset + Math.max(0, lone.source.indexOf(name)), name.length)] as const,
    );
    return { diagnostics: [], names: new Map(places) };
  }
  const compiled = compileTemplate(placed);
  if (compiled.kind === 'error') return { diagnostics: [compiled.diagnostic], names: new Map() };
  return { diagnostics: [], names: namesOf(compiled.code) };
}
