import { columnsOf } from '../core/visible.js';

/** Cells of a table. All texts here are clean already; widths are columns of a terminal, not characters. */

export function fill(width: number): string {
  return ' '.repeat(Math.max(0, width));
}

export function padded(text: string, width: number): string {
  return text + fill(width - columnsOf(text));
}

/** A text in lines of at most `width` columns, broken at blanks; a word that is wider is broken inside. At least one line. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (columnsOf(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (columnsOf(line) > width) {
      const part = beginning(line, width);
      lines.push(part);
      line = line.slice(part.length);
    }
  }
  return [...lines, line];
}

/** As many characters as fit; at least one, so that a wide one in a narrow cell makes progress. */
function beginning(text: string, width: number): string {
  let part = '';
  for (const character of text) {
    if (part !== '' && columnsOf(part + character) > width) break;
    part += character;
  }
  return part;
}
