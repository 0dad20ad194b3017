import type { CST, YAMLParseError } from 'yaml';
import type { Diagnostics } from '../core/diagnostic.js';
import { spanBetween, type SourceText } from './source-text.js';
import { quotedScalarBefore } from './yaml-limits.js';

interface Explanation {
  readonly message: string;
  readonly hint?: string;
  /** Offsets of a better place than the parser's own. */
  readonly range?: readonly [number, number];
}

interface SyntaxError {
  readonly error: YAMLParseError;
  readonly tokens: readonly CST.Token[];
  readonly source: SourceText;
}

/** Adds a mistake of the YAML grammar in plain words, with a hint where the usual slip behind it is known. */
export function reportSyntaxError(options: SyntaxError & { readonly diagnostics: Diagnostics }): void {
  const { error, source, diagnostics } = options;
  const explained = explain(options);
  const [start, end] = explained.range ?? error.pos;
  diagnostics.error({
    code: 'yaml-syntax',
    message: explained.message,
    span: spanBetween(source, start, end),
    ...(explained.hint === undefined ? {} : { hint: explained.hint }),
  });
}

function explain(options: SyntaxError): Explanation {
  const { error, source } = options;
  const line = lineAt(source.text, error.pos[0]);
  const jinja = /(?<=[:-]\s+)\{\{/.exec(line.text);
  if (jinja !== null) {
    const start = line.start + jinja.index;
    return {
      message: '`{{` begins a map within a map, not a template',
      hint: 'templates are written <%= x %>',
      range: [start, start + 2],
    };
  }
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return { message: 'a tab may not be used as indentation', hint: 'use spaces' };
    case 'MISSING_CHAR':
      return explainMissing(options, line.text);
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      return explainNested(source, error);
    case 'UNEXPECTED_TOKEN':
      return explainUnexpected(error, line.text);
    case 'BAD_SCALAR_START':
      return {
        message: `unquoted text may not begin with ${source.text[error.pos[0]] ?? 'this character'}`,
        hint: 'put the whole value into quotes',
      };
    case 'BAD_ALIAS':
      return { message: '`*` begins the name of an alias', hint: 'quote a pattern or glob: "*"' };
    case 'BAD_INDENT':
      return { message: 'this line is not indented like its neighbours', hint: indentHint(error) };
    case 'BAD_DQ_ESCAPE':
      return {
        message: 'this is no escape of a double-quoted string',
        hint: 'use single quotes, or write \\\\ for a backslash',
      };
    case 'RESOURCE_EXHAUSTION':
      return { message: 'the file is nested too deeply' };
    default:
      return { message: lowerFirst(error.message) };
  }
}

function explainMissing({ error, tokens }: SyntaxError, line: string): Explanation {
  if (error.message.startsWith('Missing closing')) {
    const opened = tokens.map((token) => quotedScalarBefore(token, error.pos[0])).find((found) => found !== undefined);
    return {
      message: 'this quote is never closed',
      hint: 'add the closing quote; a quote inside single quotes is written twice',
      ...(opened === undefined ? {} : { range: [opened.offset, opened.offset + 1] }),
    };
  }
  if (error.message.startsWith('Implicit map keys')) {
    const word = /^\s*-?\s*(\S+)/.exec(line)?.[1];
    if (word?.includes(':') === true)
      return { message: 'a key and its value are parted by a colon and a space', hint: 'add a space after the colon' };
    return {
      message: 'a key needs a colon after it',
      hint: 'if this line continues the text above, indent it deeper than its key',
    };
  }
  return { message: lowerFirst(error.message) };
}

function explainNested(source: SourceText, error: YAMLParseError): Explanation {
  const value = source.text.slice(error.pos[0], source.text.indexOf('\n', error.pos[0]) + 1 || undefined);
  if (value.includes('<%')) {
    return { message: 'a template that holds `: ` must be quoted', hint: 'put the whole value into quotes' };
  }
  if (error.message.startsWith('A block sequence')) {
    return { message: 'this list item is not indented like the ones above', hint: 'line the dashes up' };
  }
  if (/^[^\n]*:(\s|$)/.test(value)) {
    return {
      message: 'a second `key: value` may not stand on the line of the first',
      hint: 'quote the value if the colon is part of it, else put the map on lines of its own',
    };
  }
  return { message: 'this line is indented deeper than the key it stands beside', hint: 'line the keys up' };
}

function explainUnexpected(error: YAMLParseError, line: string): Explanation {
  if (error.message.includes('at node end') && /["'][^"']*["']\s+\S/.test(line)) {
    return {
      message: 'text may not follow a closing quote',
      hint: 'put the whole value into the other kind of quotes: \'"a" == b\'',
    };
  }
  return { message: lowerFirst(error.message) };
}

function indentHint(error: YAMLParseError): string {
  if (error.message.startsWith('Flow')) return 'a list or map opened with [ or { must be closed before the next key';
  return 'line the keys up; text of a `|` block is indented deeper than its key';
}

/** The line an offset stands in; the newline itself belongs to the line it ends. */
function lineAt(text: string, offset: number): { readonly start: number; readonly text: string } {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', start);
  return { start, text: text.slice(start, end === -1 ? undefined : end) };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
