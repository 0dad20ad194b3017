import type { Position, Span } from '../core/span.js';

/** Text of a template with its place in the user's file. */
export interface PlacedText {
  readonly text: string;
  readonly span: Span;
}

/**
 * The place of an offset inside placed text. Exact for text on one line; in a block scalar (`|`) the line is exact and
 * the column counts from the text's own start of line, since the indentation is not part of the text.
 */
export function spanAt(placed: PlacedText, offset: number, length = 1): Span {
  const before = placed.text.slice(0, offset).split('\n');
  const line = before.length - 1;
  const column = before.at(-1)?.length ?? 0;
  const { start, end } = placed.span;
  const block = placed.text.includes('\n') && end.line > start.line;
  const quotes = !block && end.line === start.line && end.column - start.column === placed.text.length + 2 ? 1 : 0;
  const from: Position =
    line === 0 && !block
      ? { line: start.line, column: start.column + quotes + column }
      : { line: start.line + line + (block ? 1 : 0), column: column + 1 };
  return { file: placed.span.file, start: from, end: { line: from.line, column: from.column + length } };
}
