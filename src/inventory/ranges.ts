/** The names a range stands for, in order; or what is wrong with it. */
export type Expansion =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'problem'; readonly message: string };

/** More hosts than one line should make. */
const mostNames = 100_000;

/**
 * Expands `node[01:10]` (both ends belong to it, zeros in front are kept), `node[1:9:2]` (every second) and
 * `rack[a:c]`, several of them too: `rack[a:b]-[1:2]` counts the last one fastest. A name without brackets is itself.
 */
export function expandRanges(text: string): Expansion {
  let names: readonly string[] = [''];
  for (const part of text.split(/(\[[^\]]*\])/)) {
    if (part === '') continue;
    const values = part.startsWith('[') && part.endsWith(']') ? expandOne(part.slice(1, -1)) : [part];
    if (typeof values === 'string') return { kind: 'problem', message: values };
    if (names.length * values.length > mostNames)
      return { kind: 'problem', message: `this makes more than ${mostNames} hosts` };
    names = names.flatMap((name) => values.map((value) => name + value));
  }
  return { kind: 'names', names: names.length === 1 && names[0] === '' ? [] : names };
}

/** The values of what stands between the brackets, or a message. */
function expandOne(range: string): readonly string[] | string {
  const match = /^(?:(\d+):(\d+)|([A-Za-z]):([A-Za-z]))(?::(\d+))?$/.exec(range);
  if (match === null) return `\`[${range}]\` is no range: write [1:9], [01:10], [a:f] or, with a step, [1:9:2]`;
  const [, firstNumber, lastNumber, firstLetter, lastLetter, stepText] = match;
  const step = Number(stepText ?? 1);
  if (step === 0) return 'the step of a range must be at least 1';
  if (firstLetter !== undefined && lastLetter !== undefined) return letters(firstLetter, lastLetter, step);
  return numbers(firstNumber ?? '', lastNumber ?? '', step);
}

function numbers(first: string, last: string, step: number): readonly string[] | string {
  const width = first.length > 1 && first.startsWith('0') ? first.length : 0;
  if (width > 0 && last.length !== width) {
    return `both ends of [${first}:${last}] need the same number of digits, because the first begins with 0`;
  }
  const from = Number(first);
  const to = Number(last);
  if (from > to) return `[${first}:${last}] counts down: write the smaller number first`;
  if ((to - from) / step >= mostNames) return `this makes more than ${mostNames} hosts`;
  return count(from, to, step).map((value) => String(value).padStart(width, '0'));
}

function letters(first: string, last: string, step: number): readonly string[] | string {
  const sameCase = /[a-z]/.test(first) === /[a-z]/.test(last);
  if (!sameCase) return `[${first}:${last}] mixes small letters and capitals`;
  if (first > last) return `[${first}:${last}] counts down: write the earlier letter first`;
  return count(first.charCodeAt(0), last.charCodeAt(0), step).map((code) => String.fromCharCode(code));
}

function count(from: number, to: number, step: number): readonly number[] {
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
}
