import type { CST } from 'yaml';

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

/** The offset of the first list or map that is nested deeper than `limit`, or undefined. Iterative: the depth may be anything. */
export function offsetBeyondDepth(token: CST.Token, limit: number): number | undefined {
  const waiting: { readonly token: CST.Token; readonly depth: number }[] = [{ token, depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const depth = isCollection(next.token) ? next.depth + 1 : next.depth;
    if (depth > limit) return next.token.offset;
    for (const child of childrenOf(next.token)) waiting.push({ token: child, depth });
  }
  return undefined;
}

/** The scalar with quotes that reaches up to an offset: where an unclosed quote was opened. */
export function quotedScalarBefore(token: CST.Token, offset: number): CST.FlowScalar | undefined {
  const waiting: CST.Token[] = [token];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.type === 'single-quoted-scalar' || next.type === 'double-quoted-scalar') {
      if (next.offset < offset && next.offset + next.source.length >= offset - 1) return next;
    }
    waiting.push(...childrenOf(next));
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
