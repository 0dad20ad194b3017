import { pathResource } from './promises.js';
import { defineModule, params } from './support/define.js';
import {
  compareEdited,
  editFields,
  lookAtEdited,
  parseEdited,
  writeEdited,
  type Editor,
} from './support/edited-file.js';
import { alias, choice, flag, path, text } from './support/fields.js';
import { editLines, type LineWish } from './support/line-edit.js';
import { pattern } from './support/regular-expression.js';

/** One line of a file. */
export const lineinfile = defineModule({
  name: 'lineinfile',
  summary: 'Makes sure that a line is in a file, replaces the last line that matches, or removes lines.',
  params: params(
    {
      path: alias(path('The file.'), 'dest', 'destfile', 'name'),
      line: alias(text('The line; without a newline at its end.').optional(), 'value'),
      regexp: alias(pattern('The line that is replaced or removed: a regular expression.').optional(), 'regex'),
      search_string: text('The line that is replaced or removed: a text within it.').optional(),
      state: choice(['present', 'absent'], 'Whether the line shall be there.').default('present'),
      backrefs: flag('Puts groups of `regexp` into `line` (`\\1`); does nothing when it matches nowhere.').default(
        false,
      ),
      insertafter: pattern('Where a new line goes: after the last line that matches, or `EOF`, `BOF`.').optional(),
      insertbefore: pattern('Where a new line goes: before the last line that matches, or `BOF`.').optional(),
      firstmatch: flag(
        'Takes the first match of `regexp`, `insertafter` and `insertbefore` in place of the last.',
      ).default(false),
      create: flag('Makes the file when there is none; the folder it is in has to be there.').default(false),
      ...editFields,
    },
    (value) => {
      if (value.state === 'present' && value.line === undefined) return '`line` is required';
      if (value.regexp === '' || value.search_string === '')
        return `\`${value.regexp === '' ? 'regexp' : 'search_string'}\` is empty: it would match every line`;
      if (value.regexp !== undefined && value.search_string !== undefined)
        return '`regexp` and `search_string` exclude each other';
      if (value.insertafter !== undefined && value.insertbefore !== undefined)
        return '`insertafter` and `insertbefore` exclude each other';
      if (value.backrefs && value.regexp === undefined) return '`backrefs` needs `regexp`';
      if (value.line?.includes('\n') === true) return '`line` is one line: blockinfile takes several';
      const nothingNamed = value.line === undefined && value.regexp === undefined && value.search_string === undefined;
      return nothingNamed ? 'give `line`, `regexp` or `search_string` to say what is removed' : undefined;
    },
  ),
  restsOn: (params) => [pathResource(params.path)],
  look: ({ params }) => ({ kind: 'script', script: lookAtEdited(params), parse: parseEdited }),
  compare(found, { params, promised }) {
    if (params.state === 'absent' && found.state === undefined) return { kind: 'same', values: { found: 0 } };
    return compareEdited(found, { params, promised, edit: editor(params) });
  },
  change: (host, { params, found, changes }) => writeEdited(host, { params, found, changes, edit: editor(params) }),
});

function editor(wish: LineWish): Editor {
  return (text, encode) => {
    const encoded = (words: string | undefined): string | undefined =>
      words === undefined ? undefined : encode(words);
    return editLines(text, {
      ...wish,
      line: encoded(wish.line),
      regexp: encoded(wish.regexp),
      search_string: encoded(wish.search_string),
      insertafter: encoded(wish.insertafter),
      insertbefore: encoded(wish.insertbefore),
    });
  };
}
