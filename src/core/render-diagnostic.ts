import type { Diagnostic, Severity } from './diagnostic.js';
import { formatSpan, type Span } from './span.js';
import { columnsOf, visible } from './visible.js';

export interface RenderOptions {
  readonly color: boolean;
}

/**
 * Diagnostics as people read them, sorted by file and place, with the line quoted and a caret under it; the last line
 * counts them. `readSource` gives a file's text, or undefined when there is no such file (a flag). What it gives is
 * printed: it must have its secrets masked already.
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  readSource: (file: string) => string | undefined,
  options: RenderOptions,
): string {
  const quoter = lineQuoter(readSource);
  const paint = options.color ? painted : plain;
  const sorted = [...diagnostics].sort(byPlace);
  return [...sorted.map((diagnostic) => renderOne(diagnostic, quoter, paint)), summary(diagnostics)].join('\n');
}

type Paint = (text: string, ...styles: readonly (keyof typeof styleCodes)[]) => string;
type Quoter = (span: Span) => readonly string[];

const styleCodes = { bold: 1, red: 31, yellow: 33, cyan: 36 } as const;

const painted: Paint = (text, ...styles) =>
  `\u001B[${styles.map((style) => styleCodes[style]).join(';')}m${text}\u001B[0m`;
const plain: Paint = (text) => text;

function renderOne(diagnostic: Diagnostic, quoter: Quoter, paint: Paint): string {
  const { severity, span, message, hint, related = [] } = diagnostic;
  const place = span === undefined ? '' : `${paint(visible(formatSpan(span)), 'bold')}: `;
  const word = paint(severity, severity === 'error' ? 'red' : 'yellow', 'bold');
  const lines = [`${place}${word}: ${visible(message)}`];
  if (span !== undefined) lines.push(...quoter(span));
  if (hint !== undefined) lines.push(`  ${paint('hint', 'cyan')}: ${visible(hint)}`);
  for (const other of related) {
    lines.push(`  ${visible(formatSpan(other.span))}: ${visible(other.message)}`, ...quoter(other.span));
  }
  return lines.join('\n');
}

function summary(diagnostics: readonly Diagnostic[]): string {
  const count = (severity: Severity): string => {
    const number = diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
    return `${number} ${severity}${number === 1 ? '' : 's'}`;
  };
  return `${count('error')}, ${count('warning')}`;
}

/** By file, line and column; what has no place comes first, equal places keep their order. */
function byPlace(left: Diagnostic, right: Diagnostic): number {
  if (left.span === undefined || right.span === undefined)
    return Number(left.span !== undefined) - Number(right.span !== undefined);
  if (left.span.file !== right.span.file) return left.span.file < right.span.file ? -1 : 1;
  return left.span.start.line - right.span.start.line || left.span.start.column - right.span.start.column;
}

const widestQuote = 120;

function lineQuoter(readSource: (file: string) => string | undefined): Quoter {
  const files = new Map<string, readonly string[]>();
  const linesOf = (file: string): readonly string[] => {
    const known = files.get(file);
    if (known !== undefined) return known;
    const lines = sourceOf(file, readSource)
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/);
    files.set(file, lines);
    return lines;
  };
  return (span) => {
    const line = linesOf(span.file)[span.start.line - 1];
    return line === undefined || line === '' ? [] : quote(line, span);
  };
}

/** A mistake is reported even when its file cannot be read: then without the line. */
function sourceOf(file: string, readSource: (file: string) => string | undefined): string {
  try {
    return readSource(file) ?? '';
  } catch {
    return '';
  }
}

/** The line with its number, and carets under the span: to the end of the line when the span goes on below. */
function quote(line: string, span: Span): readonly string[] {
  const start = Math.min(span.start.column - 1, line.length);
  const end = span.end.line > span.start.line ? line.trimEnd().length : Math.min(span.end.column - 1, line.length);
  const cut = cropped(line, start);
  const before = cut.lead + visible(expandTabs(line.slice(cut.from, start)));
  const marked = visible(expandTabs(line.slice(start, Math.max(start, Math.min(end, cut.to)))));
  const after = visible(expandTabs(line.slice(Math.max(start, Math.min(end, cut.to)), cut.to))) + cut.trail;
  const gutter = String(span.start.line);
  return [
    ` ${gutter} | ${before}${marked}${after}`,
    ` ${' '.repeat(gutter.length)} | ${' '.repeat(columnsOf(before))}${'^'.repeat(Math.max(1, columnsOf(marked)))}`,
  ];
}

/** The stretch of a long line that is shown around a place. */
function cropped(
  line: string,
  start: number,
): { readonly from: number; readonly to: number; readonly lead: string; readonly trail: string } {
  if (line.length <= widestQuote) return { from: 0, to: line.length, lead: '', trail: '' };
  const from = start < widestQuote - 40 ? 0 : start - 40;
  const to = Math.min(line.length, from + widestQuote);
  return { from, to, lead: from > 0 ? '…' : '', trail: to < line.length ? '…' : '' };
}

function expandTabs(text: string): string {
  return text.replaceAll('\t', '    ');
}
