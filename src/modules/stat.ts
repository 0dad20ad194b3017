import { sh } from '../shell/text.js';
import type { Value } from '../template/value.js';
import { pathResource } from './promises.js';
import { defineModule, noChange, params } from './support/define.js';
import { alias, choice, flag, path } from './support/fields.js';
import { lookAt, pathState, type PathState } from './support/path-state.js';
import { pathValues } from './support/path-values.js';
import { pathWord } from './support/path-word.js';
import { parseReport, tell } from './support/report.js';

const sums = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const;

/** A flag that may only be off: on, it would ask for what there is not. */
function onlyFalse(description: string) {
  return flag(description)
    .refine((value) => !value, 'is not told here: write `command: file -b --mime …` or `command: lsattr …`')
    .default(false);
}

/** Tells what stands at a path. */
export const stat = defineModule({
  name: 'stat',
  summary: 'Tells whether a path exists, its kind, mode, owner, size, times and checksum.',
  params: params({
    path: alias(path('The path.'), 'dest', 'name'),
    follow: flag('Tells of what a link points to.').default(false),
    get_checksum: alias(flag('Reads a file to tell its checksum.').default(true), 'get_sum'),
    checksum_algorithm: alias(choice(sums, 'The kind of checksum.').default('sha1'), 'checksum', 'checksum_algo'),
    get_mime: alias(
      onlyFalse("Ansible's word for the kind of content, which is not told here."),
      'mime',
      'mime_type',
      'mime-type',
    ),
    get_attributes: alias(
      onlyFalse("Ansible's word for what `lsattr` says, which is not told here."),
      'attr',
      'attributes',
    ),
  }),
  freeForm: 'path',
  restsOn: (params) => [pathResource(params.path)],
  look: ({ params }) => ({
    kind: 'script',
    script: sh`${tell}
${lookAt}
p=${pathWord(params.path)}
tell path "$p"
look_at state "$p" ${params.follow ? '-L' : ''}
if [ -r "$p" ]; then tell may r; fi
if [ -w "$p" ]; then tell may w; fi
if [ -x "$p" ]; then tell may x; fi
if [ -L "$p" ] && source=$(readlink -f -- "$p"); then tell source "$source"; fi
if ${params.get_checksum ? sh`:` : sh`false`} && [ -f "$p" ] && [ -r "$p" ] && ${params.follow ? sh`:` : sh`[ ! -L "$p" ]`}; then
  sum=$(${`${params.checksum_algorithm}sum`} < "$p") && tell sum "\${sum%% *}"
fi
exit 0`,
    parse(reply) {
      const report = parseReport(reply);
      const may = report.records('may').flat().join('');
      const facts = { path: report.need('path'), may, sum: report.word('sum'), source: report.word('source') };
      return { ...facts, state: pathState(report, 'state') };
    },
  }),
  compare: (found) => ({ kind: 'same', values: { stat: describe(found) } }),
  change: noChange,
});

interface Found {
  readonly path: string;
  readonly may: string;
  readonly sum: string | undefined;
  readonly source: string | undefined;
  readonly state: PathState | undefined;
}

/** The map Ansible's stat registers. */
function describe(found: Found): Value {
  const { state, may } = found;
  if (state === undefined) return { exists: false, path: found.path };
  return {
    exists: true,
    path: found.path,
    ...pathValues(state),
    readable: may.includes('r'),
    writeable: may.includes('w'),
    executable: may.includes('x'),
    ...(found.sum === undefined ? {} : { checksum: found.sum }),
    ...(state.target === undefined ? {} : { lnk_target: state.target }),
    ...(found.source === undefined ? {} : { lnk_source: found.source }),
  };
}
