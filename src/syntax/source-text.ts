import { LineCounter } from 'yaml';
import type { Span } from '../core/span.js';

/** A file's text with the means to turn offsets into places. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
  readonly lines: LineCounter;
}

/** The text of a file without its byte order mark. Lines are counted by the YAML parser while it reads. */
export function sourceText(options: { readonly file: string; readonly text: string }): SourceText {
  return { file: options.file, text: options.text.replace(/^\uFEFF/, ''), lines: new LineCounter() };
}

/** The span between two offsets of the text, end exclusive; an empty stretch is widened to one column. */
export function spanBetween(source: SourceText, start: number, end: number): Span {
  const first = source.lines.linePos(start);
  const last = source.lines.linePos(Math.max(start + 1, end));
  return {
    file: source.file,
    start: { line: first.line, column: first.col },
    end: { line: last.line, column: last.col },
  };
}
