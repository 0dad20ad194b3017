import { sh } from '../shell/text.js';
import { anything } from './promises.js';
import { succeeded } from './support/command-result.js';
import { defineModule, params } from './support/define.js';
import { choice, named, path } from './support/fields.js';
import { pathWord } from './support/path-word.js';

const piece = (description: string) =>
  named(/^[^/\0]*$/, { otherwise: 'cannot hold a slash', description }).default('');

/** A file or folder of its own name that only its owner can read; nobody removes it but the playbook. */
export const tempfile = defineModule({
  name: 'tempfile',
  summary: 'Makes an empty file or folder with a name nobody else has; `path` of the result is where.',
  params: params({
    state: choice(['file', 'directory'], 'What is made.').default('file'),
    path: path("The folder it is made in; without it the host's own for such files.").optional(),
    prefix: piece('How its name begins.').default('runner.'),
    suffix: piece('How its name ends.'),
  }),
  look: () => ({ kind: 'nothing', found: undefined }),
  compare: (_found, { params: { state } }) => ({
    kind: 'change',
    changes: [{ part: `temporary ${state}`, before: 'absent', after: state }],
    provides: [anything],
  }),
  async change(host, { params: { state, path: folder, prefix, suffix } }) {
    const directory = folder === undefined ? sh`"\${TMPDIR:-/tmp}"` : sh`${pathWord(folder)}`;
    // busybox knows no --suffix: the name is made here and claimed by making it, which fails when it is taken.
    const claim = state === 'directory' ? sh`mkdir -m 700 -- "$made"` : sh`(umask 077; set -C; : > "$made")`;
    const script = sh`directory=${directory}
[ -d "$directory" ] || { echo "$directory is no folder" >&2; exit 1; }
for try in 1 2 3 4 5; do
  random=$(od -An -N8 -tx1 /dev/urandom | tr -d ' \\n')
  made=$directory/${prefix}$random${suffix}
  ${claim} 2>/dev/null && { printf %s "$made"; exit 0; }
done
${claim} && printf %s "$made"`;
    const reply = succeeded(await host.run(script), { host, doing: `making a temporary ${state}` });
    return { values: { path: reply.toString('utf8'), state } };
  },
});
