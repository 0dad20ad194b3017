import { quote } from './quote.js';
import { maskText, Secret } from './secret.js';

/** A piece of shell source: `raw` runs, `masked` is what may be shown. Built together by `sh`, so the mask cannot be lost by quoting. */
export interface ShellText {
  readonly raw: string;
  readonly masked: string;
}

export type ShellHole = string | number | Secret | ShellText | readonly ShellHole[];

/**
 * Builds shell source from a template: every hole is quoted as one word (an array as several words), ShellText is
 * spliced as it is, and a Secret is masked in `masked`.
 *
 *     sh`mkdir -p -- ${directory} && chown ${owner}:${group} -- ${directory}`
 */
export function sh(strings: TemplateStringsArray, ...holes: readonly ShellHole[]): ShellText {
  let raw = strings[0] ?? '';
  let masked = raw;
  holes.forEach((hole, index) => {
    const text = holeText(hole);
    const rest = strings[index + 1] ?? '';
    raw += text.raw + rest;
    masked += text.masked + rest;
  });
  return { raw, masked };
}

/** Shell source the project itself wrote, taken as it is: for constant scripts, never for a value. */
export function shellSource(source: string): ShellText {
  return { raw: source, masked: source };
}

/** Joins pieces of shell source, by a newline unless told otherwise. */
export function joinShell(pieces: readonly ShellText[], separator = '\n'): ShellText {
  return {
    raw: pieces.map((piece) => piece.raw).join(separator),
    masked: pieces.map((piece) => piece.masked).join(separator),
  };
}

function holeText(hole: ShellHole): ShellText {
  if (hole instanceof Secret) return { raw: quote(hole.reveal()), masked: maskText };
  if (typeof hole === 'string') return shellSource(quote(hole));
  if (typeof hole === 'number') return shellSource(quote(String(hole)));
  if (isList(hole)) return joinShell(hole.map(holeText), ' ');
  return hole;
}

function isList(hole: ShellHole): hole is readonly ShellHole[] {
  return Array.isArray(hole);
}
