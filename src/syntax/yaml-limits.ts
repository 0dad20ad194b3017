import { type CST, Lexer, Parser } from 'yaml';

/** Limits of a YAML file: far above what people write, low enough that a hostile file is refused at once. */
export const yamlLimits = {
  /** UTF-16 units of a file. */
  textLength: 4 * 1024 * 1024,
  /** Lists and maps within each other. */
  depth: 100,
  /** Characters of the document once every alias stands for its anchor's value, and 8 more for each value. */
  expandedLength: 16 * 1024 * 1024,
  /** What each value weighs beside its text. */
  valueLength: 8,
} as const;

/** The parser's tokens of a whole text, or the offset at which lists and maps are nested deeper than the limit. */
export type Tokens =
  | { readonly kind: 'tokens'; readonly tokens: readonly CST.Token[] }
  | { readonly kind: 'too-deep'; readonly offset: number };

/** Reads tokens until the text ends or is nested too deep: what lies deeper is not looked at, however much it is. */
export function readTokens(text: string, onNewLine: (offset: number) => void): Tokens {
  const parser = new Parser(onNewLine);
  const tokens: CST.Token[] = [];
  onNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length <= yamlLimits.depth) continue;
    const tooDeep = parser.stack.filter(isCollection).at(yamlLimits.depth);
    if (tooDeep !== undefined) return { kind: 'too-deep', offset: tooDeep.offset };
  }
  for (const token of parser.end()) tokens.push(token);
  return { kind: 'tokens', tokens };
}

/** The scalar with quotes that reaches up to an offset: where an unclosed quote was opened. */
export function quotedScalarBefore(token: CST.Token, offset: number): CST.FlowScalar | undefined {
  const waiting: CST.Token[] = [token];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.type === 'single-quoted-scalar' || next.type === 'double-quoted-scalar') {
      if (next.offset < offset && next.offset + next.source.length >= offset - 1) return next;
    }
    for (const child of childrenOf(next)) waiting.push(child);
  }
  return undefined;
}

function isCollection(token: CST.Token): token is CST.BlockMap | CST.BlockSequence | CST.FlowCollection {
  return token.type === 'block-map' || token.type === 'block-seq' || token.type === 'flow-collection';
}

function childrenOf(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value ? [token.value] : [];
  if (!isCollection(token)) return [];
  return token.items.flatMap((item) => [item.key, item.value].filter((child) => child !== undefined && child !== null));
}
