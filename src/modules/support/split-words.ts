import { ModuleFailure } from '../types.js';

/**
 * Splits a command into words as a shell does (quotes, backslashes), but expands nothing: `$HOME`, `*`, `|` and `>` are
 * plain characters. Throws ModuleFailure for a quote that is not closed.
 */
export function splitWords(command: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let rest = command;
  while (rest !== '') {
    const piece = nextPiece(rest, command);
    rest = rest.slice(piece.length);
    if (piece.kind === 'space') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + piece.text;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

type Piece = { readonly kind: 'space' | 'text'; readonly text: string; readonly length: number };

function nextPiece(rest: string, command: string): Piece {
  const space = /^\s+/.exec(rest)?.[0];
  if (space !== undefined) return { kind: 'space', text: '', length: space.length };
  const plain = /^[^\s'"\\]+/.exec(rest)?.[0];
  if (plain !== undefined) return { kind: 'text', text: plain, length: plain.length };
  const single = /^'([^']*)'/.exec(rest);
  if (single) return { kind: 'text', text: single[1] ?? '', length: single[0].length };
  const double = /^"((?:[^"\\]|\\[^])*)"/.exec(rest);
  if (double) {
    const text = (double[1] ?? '').replace(/\\(["\\$`])|\\\n/g, '$1');
    return { kind: 'text', text, length: double[0].length };
  }
  if (rest.startsWith('\\') && rest.length > 1) {
    const next = rest[1] ?? '';
    return { kind: 'text', text: next === '\n' ? '' : next, length: 2 };
  }
  const what = rest.startsWith('\\') ? 'a backslash at the end' : 'a quote that is not closed';
  throw new ModuleFailure(`the command has ${what}: ${command}`);
}
