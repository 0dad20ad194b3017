/** A place in a file; line and column count from 1, column in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A stretch of a file, end exclusive. `file` is the path as the user gave it (relative paths stay relative). */
export interface Span {
  readonly file: string;
  readonly start: Position;
  readonly end: Position;
}

/** `file:line:column`, as compilers print it and editors open it. */
export function formatSpan(span: Span): string {
  return `${span.file}:${span.start.line}:${span.start.column}`;
}

/** A span for text that is not in a file: a flag of the command line, an environment variable. */
export function spanOfFlag(flag: string): Span {
  return { file: flag, start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };
}
