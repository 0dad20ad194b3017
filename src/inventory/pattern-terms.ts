/** One term of a host pattern: `web`, `!node3`, `&prod`, `node*`, `~regex`, `web[0]`, `web[1:3]`. */
export interface PatternTerm {
  readonly operator: 'or' | 'and' | 'not';
  /** The term without its operator and subscript. */
  readonly name: string;
  readonly kind: 'name' | 'glob' | 'regex';
  /** Zero-based, from the end when negative; `last` belongs to it. */
  readonly subscript?: { readonly first: number; readonly last: number };
  /** Where the term begins in the pattern. */
  readonly offset: number;
  readonly length: number;
}

/** Splits a pattern into its terms: at commas and colons, but not within brackets and parentheses. */
export function patternTerms(pattern: string): readonly PatternTerm[] {
  const terms: PatternTerm[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index <= pattern.length; index++) {
    const character = pattern[index];
    if (character === '[' || character === '(' || character === '{') depth++;
    else if (character === ']' || character === ')' || character === '}') depth = Math.max(0, depth - 1);
    const ends = character === undefined || (depth === 0 && (character === ',' || character === ':'));
    if (!ends) continue;
    const text = pattern.slice(start, index);
    const blanks = text.length - text.trimStart().length;
    if (text.trim() !== '') terms.push(term(text.trim(), start + blanks));
    start = index + 1;
  }
  return terms;
}

function term(text: string, offset: number): PatternTerm {
  const sign = text[0];
  const operator = sign === '!' ? 'not' : sign === '&' ? 'and' : 'or';
  const body = operator === 'or' ? text : text.slice(1).trimStart();
  const place = { operator, offset, length: text.length } as const;
  if (body.startsWith('~')) return { ...place, kind: 'regex', name: body.slice(1) };
  const match = /^(.+)\[(-?\d+)(?:(:)(-?\d+)?)?\]$/.exec(body) ?? /^(.+)\[()(:)(-?\d+)\]$/.exec(body);
  const name = match?.[1] ?? body;
  const kind = /[*?]|\[.*\]/.test(name) ? 'glob' : 'name';
  if (match === null) return { ...place, kind, name };
  const [, , firstText, colon, lastText] = match;
  const first = Number(firstText === undefined || firstText === '' ? 0 : firstText);
  const last = colon === undefined ? first : Number(lastText ?? -1);
  return { ...place, kind, name, subscript: { first, last } };
}
