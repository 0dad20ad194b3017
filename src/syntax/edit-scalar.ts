import { CST, type Document, Parser, parseDocument } from 'yaml';
import type { Position } from '../core/span.js';

/**
 * The text with one plain or quoted scalar replaced; quotes, comments and all else stay as they are. Undefined when no
 * such scalar begins at that place, or when the text would no longer mean the same there (an alias, a block of text).
 */
export function replaceScalar(
  text: string,
  edit: { readonly at: Position; readonly value: string },
): string | undefined {
  const offset = offsetOf(text, edit.at);
  const tokens = [...new Parser().parse(text)];
  const token = tokens.flatMap((each) => scalarAt(each, offset) ?? [])[0];
  if (token === undefined) return undefined;
  CST.setScalarValue(token, edit.value);
  const replaced = tokens.map((each) => CST.stringify(each)).join('');
  const document: Document = parseDocument(replaced);
  return document.errors.length === 0 ? replaced : undefined;
}

function scalarAt(token: CST.Token, offset: number): CST.FlowScalar | undefined {
  if (CST.isScalar(token)) {
    const isFlow = ['scalar', 'single-quoted-scalar', 'double-quoted-scalar'].includes(token.type);
    return isFlow && token.offset === offset ? (token as CST.FlowScalar) : undefined;
  }
  if (token.type === 'document') return token.value === undefined ? undefined : scalarAt(token.value, offset);
  if (!CST.isCollection(token)) return undefined;
  for (const { key, value } of token.items) {
    for (const inner of [key, value]) {
      const found = inner === undefined || inner === null ? undefined : scalarAt(inner, offset);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** Lines end as the parser counts them: at a line feed. */
function offsetOf(text: string, { line, column }: Position): number {
  const before = text.split('\n').slice(0, line - 1);
  return before.reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
}
