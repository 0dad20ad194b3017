import { visible } from '../core/visible.js';

/**
 * Text from a host as it may be shown on a terminal or in a log: control characters become visible pictures, so that
 * no escape sequence, carriage return or bidirectional override takes effect. Line breaks and tabs stay.
 */
export function clean(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .split(/([\n\t])/)
    .map((piece) => (piece === '\n' || piece === '\t' ? piece : visible(piece)))
    .join('');
}

/** The same on one line: line breaks become pictures as well, tabs blanks; what a terminal ends a line with is left out. */
export function cleanLine(text: string): string {
  return visible(text.replace(/[\r\n]+$/, '').replaceAll('\t', ' '));
}
