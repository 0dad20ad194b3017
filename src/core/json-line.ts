/**
 * What some terminal or some reader of lines acts on, and JSON lets stand: DEL, the controls of C1, marks that turn the
 * direction of text, separators of lines and paragraphs, the byte order mark.
 */
const acting = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/** Plain data as one line of JSON that does nothing to a terminal; a reader of JSON sees no difference. */
export function jsonLine(data: unknown): string {
  return JSON.stringify(data).replaceAll(
    acting,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
