/**
 * Text made safe for a terminal: control characters become visible pictures (ESC as ␛), invisible and
 * direction-changing ones their code (<U+202E>). Newlines and tabs become pictures too: the result is one line.
 */
export function visible(text: string): string {
  return text.replaceAll(invisible, picture);
}

/** Columns a terminal gives to text that `visible` has made safe: two for East Asian wide characters and emoji. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (/\p{Mn}/u.test(character)) continue;
    columns += wide.test(character) ? 2 : 1;
  }
  return columns;
}

const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}/u;

// Control characters; format characters (\p{Cf}: bidi controls, zero-width ones, the byte order mark) and line separators.
// One search for all of them: every line that a host prints comes by here.
// oxlint-disable-next-line no-control-regex
const invisible = /[\u0000-\u001F\u007F-\u009F\p{Cf}\p{Cs}\u2028\u2029]/gu;

function picture(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '␡';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
