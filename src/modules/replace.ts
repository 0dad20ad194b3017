import { pathResource } from './promises.js';
import { defineModule, params } from './support/define.js';
import {
  compareEdited,
  editFields,
  lookAtEdited,
  parseEdited,
  writeEdited,
  type Edit,
  type Editor,
} from './support/edited-file.js';
import { alias, path, text } from './support/fields.js';
import { compilePattern, expandGroups, pattern } from './support/regular-expression.js';

interface ReplaceWish {
  readonly regexp: string;
  readonly replace: string;
  readonly after?: string | undefined;
  readonly before?: string | undefined;
}

/** Every match of an expression in a file. */
export const replace = defineModule({
  name: 'replace',
  summary: 'Replaces every match of a regular expression in a file.',
  params: params(
    {
      path: alias(path('The file.'), 'dest', 'destfile', 'name'),
      regexp: pattern('What is replaced; `^` and `$` are the ends of lines.'),
      replace: text('What it becomes; `\\1` is a group.').default(''),
      after: pattern('Only what stands after the first match of this.').optional(),
      before: pattern('Only what stands before the next match of this.').optional(),
      ...editFields,
    },
    ({ regexp }) => (regexp === '' ? '`regexp` is empty: it would match between all characters' : undefined),
  ),
  restsOn: (params) => [pathResource(params.path)],
  look: ({ params }) => ({ kind: 'script', script: lookAtEdited({ ...params, create: false }), parse: parseEdited }),
  compare: (found, { params, promised }) =>
    compareEdited(found, { params: { ...params, create: false }, promised, edit: editor(params) }),
  change: (host, { params, found, changes }) =>
    writeEdited(host, { params: { ...params, create: false }, found, changes, edit: editor(params) }),
});

function editor(wish: ReplaceWish): Editor {
  return (text, encode) =>
    replaceAll(text, {
      regexp: encode(wish.regexp),
      replace: encode(wish.replace),
      after: wish.after === undefined ? undefined : encode(wish.after),
      before: wish.before === undefined ? undefined : encode(wish.before),
    });
}

/** Replaces within the window that `after` and `before` leave; a window that is not there leaves the text as it is. */
export function replaceAll(text: string, wish: ReplaceWish): Edit {
  const window = windowOf(text, wish);
  if (window === undefined) return { text, values: { replacements: 0 } };
  let replacements = 0;
  const inside = text
    .slice(window.start, window.end)
    .replace(compilePattern(wish.regexp, 'gm'), (...found: unknown[]) => {
      replacements += 1;
      const groups = found.at(-1);
      const words = found.filter((word): word is string | undefined => typeof word === 'string' || word === undefined);
      const captured = words.slice(
        0,
        found.findIndex((word) => typeof word === 'number'),
      ) as string[];
      const named = typeof groups === 'object' ? { groups: groups as Record<string, string> } : {};
      return expandGroups(wish.replace, Object.assign(captured, named) as RegExpMatchArray);
    });
  return { text: text.slice(0, window.start) + inside + text.slice(window.end), values: { replacements } };
}

function windowOf(text: string, wish: ReplaceWish): { readonly start: number; readonly end: number } | undefined {
  let start = 0;
  if (wish.after !== undefined) {
    const match = compilePattern(wish.after, 's').exec(text);
    if (match === null) return undefined;
    start = match.index + match[0].length;
  }
  if (wish.before === undefined) return { start, end: text.length };
  const match = compilePattern(wish.before, 's').exec(text.slice(start));
  return match === null ? undefined : { start, end: start + match.index };
}
