import { z } from 'zod';

/**
 * Compiles a regular expression as playbooks write them. JavaScript's own syntax, and of Python's what is common:
 * `(?P<name>…)`, `(?P=name)` and flags at the start, `(?i)`. Throws SyntaxError.
 */
export function compilePattern(source: string, flags = ''): RegExp {
  const [, leading = ''] = /^\(\?([ims]+)\)/.exec(source) ?? [];
  const body = (leading === '' ? source : source.slice(leading.length + 3))
    .replaceAll('(?P<', '(?<')
    .replaceAll(/\(\?P=(\w+)\)/g, '\\k<$1>')
    .replaceAll('\\Z', '$(?![^])')
    .replaceAll('\\A', '(?<![^])');
  return new RegExp(body, [...new Set(flags + leading)].join(''));
}

/** What is wrong with a regular expression, in words; undefined when it is one. */
export function mistakeOf(source: string): string | undefined {
  try {
    compilePattern(source);
    return undefined;
  } catch (error) {
    return error instanceof SyntaxError ? error.message : String(error);
  }
}

/** A parameter that holds a regular expression. */
export function pattern(description: string) {
  return z
    .string({ error: 'must be a text' })
    .check((context) => {
      const message = mistakeOf(context.value);
      if (message !== undefined) context.issues.push({ code: 'custom', message, input: context.value });
    })
    .describe(description);
}

/** Puts a match's groups into a text: `\1`, `\g<1>`, `\g<name>`; `\n` and `\t` are the characters. */
export function expandGroups(template: string, match: RegExpMatchArray): string {
  return template.replace(
    /\\(?:(\d{1,2})|g<(\w+)>|([nt\\]))/g,
    (whole, digits?: string, name?: string, letter?: string) => {
      if (letter !== undefined) return { n: '\n', t: '\t', '\\': '\\' }[letter] ?? whole;
      const key = digits ?? name ?? '';
      return /^\d+$/.test(key) ? (match[Number(key)] ?? '') : (match.groups?.[key] ?? '');
    },
  );
}
