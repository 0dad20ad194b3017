import { pathResource } from './promises.js';
import { editBlock, type BlockWish } from './support/block-edit.js';
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
import { pattern } from './support/regular-expression.js';

/** A block of lines between two markers in a file. */
export const blockinfile = defineModule({
  name: 'blockinfile',
  summary: 'Keeps a block of lines between two marker lines of a file.',
  params: params(
    {
      path: alias(path('The file.'), 'dest', 'destfile', 'name'),
      block: alias(
        text(
          'The lines; an empty text removes the block. Of several blocks with the same markers, the last is meant.',
        ).default(''),
        'content',
      ),
      state: choice(['present', 'absent'], 'Whether the block shall be there.').default('present'),
      marker: text(
        "The marker lines, `{mark}` in them; the default is Ansible's, so that its blocks are found.",
      ).default('# {mark} ANSIBLE MANAGED BLOCK'),
      marker_begin: text('What `{mark}` is in the first marker.').default('BEGIN'),
      marker_end: text('What `{mark}` is in the second marker.').default('END'),
      insertafter: pattern('Where a new block goes: after the last line that matches, or `EOF`, `BOF`.').optional(),
      insertbefore: pattern('Where a new block goes: before the last line that matches, or `BOF`.').optional(),
      create: flag('Makes the file when there is none; the folder it is in has to be there.').default(false),
      ...editFields,
    },
    (value) => {
      if (value.insertafter !== undefined && value.insertbefore !== undefined)
        return '`insertafter` and `insertbefore` exclude each other';
      if (value.marker.includes('\n')) return '`marker` is one line';
      const same = value.marker_begin === value.marker_end || !value.marker.includes('{mark}');
      return same ? 'both markers would be the same line: `marker` needs `{mark}`' : undefined;
    },
  ),
  restsOn: (params) => [pathResource(params.path)],
  look: ({ params }) => ({ kind: 'script', script: lookAtEdited(params), parse: parseEdited }),
  compare(found, { params, promised }) {
    if (params.state === 'absent' && found.state === undefined) return { kind: 'same' };
    return compareEdited(found, { params, promised, edit: editor(params) });
  },
  change: (host, { params, found, changes }) => writeEdited(host, { params, found, changes, edit: editor(params) }),
});

function editor(wish: BlockWish): Editor {
  return (text, encode) => editBlock(text, { ...wish, block: encode(wish.block), marker: encode(wish.marker) });
}
