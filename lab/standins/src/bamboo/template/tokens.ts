/** A piece of a Go template: text, or the inside of `{{ … }}` cut into words. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly words: readonly Word[]; readonly line: number };

export type Word =
  | { readonly kind: 'identifier'; readonly text: string }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  /** `spaceBefore` tells `a .B` (two operands) from `a.B` (a chain). */
  | { readonly kind: 'punctuation'; readonly text: '(' | ')' | '|' | ',' | ':=' | '=' | '.' };

export type SpacedWord = Word & { readonly spaceBefore: boolean };

/** A template that Go would refuse to parse or to run. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

const patterns: readonly { readonly pattern: RegExp; readonly make: (match: RegExpExecArray) => Word }[] = [
  { pattern: /^"(?:[^"\\\n]|\\.)*"/, make: ([text]) => ({ kind: 'string', value: JSON.parse(text) as string }) },
  { pattern: /^`[^`]*`/, make: ([text]) => ({ kind: 'string', value: text.slice(1, -1) }) },
  { pattern: /^-?\d+(?:\.\d+)?/, make: ([text]) => ({ kind: 'number', value: Number(text) }) },
  { pattern: /^:=/, make: () => ({ kind: 'punctuation', text: ':=' }) },
  { pattern: /^\$(\w*)/, make: ([, name = '']) => ({ kind: 'variable', name }) },
  { pattern: /^\.([A-Za-z_]\w*)/, make: ([, name = '']) => ({ kind: 'field', name }) },
  { pattern: /^[().|,=]/, make: ([text]) => ({ kind: 'punctuation', text: text as '(' }) },
  { pattern: /^[A-Za-z_]\w*/, make: ([text]) => ({ kind: 'identifier', text }) },
];

function wordsOf(inside: string, line: number): readonly SpacedWord[] {
  const words: SpacedWord[] = [];
  let rest = inside;
  for (;;) {
    const trimmed = rest.trimStart();
    const spaceBefore = trimmed.length !== rest.length;
    rest = trimmed;
    if (rest === '') return words;
    const found = patterns
      .map(({ pattern, make }) => ({ match: pattern.exec(rest), make }))
      .find(({ match }) => match !== null);
    if (found?.match == null)
      throw new TemplateError(`line ${line}: unexpected ${JSON.stringify(rest.slice(0, 10))} in an action`);
    words.push({ ...found.make(found.match), spaceBefore });
    rest = rest.slice(found.match[0].length);
  }
}

/** Cuts a template at its actions; `{{-` and `-}}` trim the text beside them, comments vanish. */
export function piecesOf(template: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let offset = 0;
  let trimNext = false;
  const text = (raw: string, trimEnd: boolean): void => {
    const started = trimNext ? raw.trimStart() : raw;
    const value = trimEnd ? started.trimEnd() : started;
    if (value !== '') pieces.push({ kind: 'text', text: value });
  };
  for (;;) {
    const open = template.indexOf('{{', offset);
    if (open < 0) {
      text(template.slice(offset), false);
      return pieces;
    }
    const line = template.slice(0, open).split('\n').length;
    const [whole, left = '', comment, inside = '', right = ''] =
      /^\{\{(- )?(?:\s*(\/\*[\s\S]*?\*\/)\s*|((?:"(?:[^"\\\n]|\\.)*"|`[^`]*`|(?!-?\}\})[^"`])*?))( -)?\}\}/.exec(
        template.slice(open),
      ) ?? [];
    if (whole === undefined) throw new TemplateError(`line ${line}: unclosed action`);
    text(template.slice(offset, open), left !== '');
    trimNext = right !== '';
    if (comment === undefined) pieces.push({ kind: 'action', words: wordsOf(inside, line), line });
    offset = open + whole.length;
  }
}
