import { piecesOf, TemplateError, type Piece, type SpacedWord, type Word } from './tokens.js';

export type Operand =
  | { readonly kind: 'dot' }
  | { readonly kind: 'nil' }
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'pipeline'; readonly pipeline: Pipeline }
  | { readonly kind: 'chain'; readonly base: Operand; readonly fields: readonly string[] };

/** Commands joined by `|`: the value of each is the last argument of the next. */
export interface Pipeline {
  readonly variables: readonly string[];
  readonly declares: boolean;
  readonly commands: readonly (readonly Operand[])[];
}

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipeline: Pipeline; readonly line: number }
  | {
      readonly kind: 'if' | 'range' | 'with';
      readonly pipeline: Pipeline;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
      readonly line: number;
    };

function parsePipeline(words: readonly SpacedWord[], line: number): Pipeline {
  let index = 0;
  const fail = (what: string): never => {
    throw new TemplateError(`line ${line}: ${what}`);
  };
  const peek = (): SpacedWord | undefined => words[index];
  const isMark = (word: Word | undefined, text: string): boolean => word?.kind === 'punctuation' && word.text === text;

  const operand = (): Operand => {
    const word = words[index++];
    let base: Operand;
    if (word === undefined) return fail('missing value');
    switch (word.kind) {
      case 'string':
      case 'number':
        base = { kind: 'literal', value: word.value };
        break;
      case 'variable':
        base = { kind: 'variable', name: word.name };
        break;
      case 'field':
        base = { kind: 'chain', base: { kind: 'dot' }, fields: [word.name] };
        break;
      case 'identifier':
        if (word.text === 'true' || word.text === 'false') base = { kind: 'literal', value: word.text === 'true' };
        else base = word.text === 'nil' ? { kind: 'nil' } : { kind: 'function', name: word.text };
        break;
      case 'punctuation':
        if (word.text === '.') base = { kind: 'dot' };
        else if (word.text === '(') {
          base = { kind: 'pipeline', pipeline: pipeline() };
          if (!isMark(words[index++], ')')) fail('unclosed left paren');
        } else return fail(`unexpected ${JSON.stringify(word.text)}`);
    }
    const fields: string[] = [];
    for (let next = peek(); next?.kind === 'field' && !next.spaceBefore; next = peek()) {
      fields.push(next.name);
      index += 1;
    }
    return fields.length === 0 ? base : { kind: 'chain', base, fields };
  };

  const pipeline = (): Pipeline => {
    const variables: string[] = [];
    let declares = false;
    const start = index;
    for (let word = peek(); word?.kind === 'variable'; word = peek()) {
      variables.push(word.name);
      index += 1;
      if (isMark(peek(), ',')) {
        index += 1;
        continue;
      }
      break;
    }
    if (variables.length > 0 && (isMark(peek(), ':=') || isMark(peek(), '='))) {
      declares = isMark(peek(), ':=');
      index += 1;
    } else {
      variables.length = 0;
      index = start;
    }
    const commands: Operand[][] = [[]];
    for (let word = peek(); word !== undefined && !isMark(word, ')'); word = peek()) {
      if (isMark(word, '|')) {
        index += 1;
        commands.push([]);
      } else commands.at(-1)?.push(operand());
    }
    if (commands.some((command) => command.length === 0)) fail('missing value for command');
    return { variables, declares, commands };
  };

  const parsed = pipeline();
  if (index < words.length) fail('unexpected words at the end of an action');
  return parsed;
}

function keyword(piece: Piece | undefined): string {
  const first = piece?.kind === 'action' ? piece.words[0] : undefined;
  return first?.kind === 'identifier' &&
    ['if', 'range', 'with', 'else', 'end', 'define', 'template', 'block', 'break', 'continue'].includes(first.text)
    ? first.text
    : '';
}

/** Parses a Go template (text, actions, `if`, `range`, `with`, `else`, `else if`); throws TemplateError where Go would, or for `define` and its like. */
export function parseTemplate(template: string): readonly Node[] {
  const pieces = piecesOf(template);
  let index = 0;

  const block = (kind: 'if' | 'range' | 'with', words: readonly Word[], line: number): Node => {
    const pipeline = parsePipeline(words as readonly SpacedWord[], line);
    const body = nodes(true);
    const closing = pieces[index++];
    if (closing?.kind !== 'action') throw new TemplateError(`line ${line}: unexpected EOF: {{${kind}}} is not ended`);
    if (keyword(closing) === 'end') return { kind, pipeline, body, otherwise: [], line };
    const inner = closing.words[1];
    if (inner?.kind === 'identifier' && inner.text === 'if') {
      return { kind, pipeline, body, otherwise: [block('if', closing.words.slice(2), closing.line)], line };
    }
    const otherwise = nodes(true);
    if (keyword(pieces[index++]) !== 'end') throw new TemplateError(`line ${line}: expected {{end}}`);
    return { kind, pipeline, body, otherwise, line };
  };

  const nodes = (inside: boolean): readonly Node[] => {
    const found: Node[] = [];
    for (let piece = pieces[index]; piece !== undefined; piece = pieces[index]) {
      const word = keyword(piece);
      if (word === 'end' || word === 'else') {
        if (inside) return found;
        throw new TemplateError(`line ${piece.kind === 'action' ? piece.line : 0}: unexpected {{${word}}}`);
      }
      index += 1;
      if (piece.kind === 'text') found.push(piece);
      else if (word === 'if' || word === 'range' || word === 'with')
        found.push(block(word, piece.words.slice(1), piece.line));
      else if (word !== '') throw new TemplateError(`line ${piece.line}: the lab stand-in has no {{${word}}}`);
      else
        found.push({
          kind: 'action',
          pipeline: parsePipeline(piece.words as readonly SpacedWord[], piece.line),
          line: piece.line,
        });
    }
    return found;
  };
  return nodes(false);
}
