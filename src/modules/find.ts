import type { z } from 'zod';
import { joinShell, sh, shellSource, type ShellText } from '../shell/text.js';
import type { Value } from '../template/value.js';
import { pathResource, treeResource } from './promises.js';
import { defineModule, noChange, params } from './support/define.js';
import { alias, choice, flag, integer, named, path, patterns, words } from './support/fields.js';
import { globExpression } from './support/glob.js';
import { parseState, type PathState } from './support/path-state.js';
import { pathValues } from './support/path-values.js';
import { pathWord } from './support/path-word.js';
import { compilePattern, mistakeOf } from './support/regular-expression.js';
import { parseReport, tell, type Report } from './support/report.js';
import { ModuleFailure, type HostReader } from './types.js';

const findParams = params(
  {
    paths: alias(words('The folders to search.'), 'path', 'name'),
    patterns: alias(
      patterns('Names to find: shell patterns, or regular expressions with `use_regex`.').optional(),
      'pattern',
    ),
    excludes: alias(patterns('Names to leave out, in the same form.').default([]), 'exclude'),
    use_regex: flag('`patterns` and `excludes` are regular expressions.').default(false),
    file_type: choice(['file', 'directory', 'link', 'any'], 'What to find.').default('file'),
    recurse: flag('Searches the folders below as well.').default(false),
    depth: integer('With `recurse`: how many folders deep.').optional(),
    hidden: flag('Finds names that begin with a dot as well.').default(false),
    follow: flag('Goes through links.').default(false),
    age: named(/^-?\d+[smhdw]?$/, {
      otherwise: 'must be like 3600, "2d" or "-1w"',
      description: 'Only what is at least so old; with a minus, at most. Seconds, or with s, m, h, d, w.',
    }).optional(),
    age_stamp: choice(['mtime', 'atime', 'ctime'], 'The time that `age` counts from.').default('mtime'),
    size: named(/^-?\d+[bkmgt]?$/, {
      otherwise: 'must be like 1024, "10m" or "-1g"',
      description: 'Only what is at least so large; with a minus, at most. Bytes, or with b, k, m, g, t.',
    }).optional(),
    contains: path(
      'Only files with a line that matches from its beginning: an extended regular expression of grep.',
    ).optional(),
    get_checksum: flag('Tells the SHA-1 of each file.').default(false),
    limit: integer('Ends after so many.').optional(),
  },
  ({ use_regex, patterns: wanted = [], excludes }) => {
    if (!use_regex) return undefined;
    const mistakes = [...wanted, ...excludes].map(mistakeOf);
    return mistakes.find((mistake) => mistake !== undefined);
  },
);

type FindParams = z.output<typeof findParams>;

interface Entry {
  readonly path: string;
  readonly state: PathState;
  readonly checksum?: string;
}

interface Found {
  readonly entries: readonly Entry[];
  readonly examined: number;
  /** Paths that could not be searched, and why. */
  readonly skipped: Readonly<Record<string, string>>;
}

/** Finds files of the host. */
export const find = defineModule<FindParams, unknown, Found>({
  name: 'find',
  summary: 'Finds files, folders and links of the host by name, age, size and content.',
  params: findParams,
  restsOn: (params) => params.paths.flatMap((one) => [pathResource(one), treeResource(one)]),
  look: ({ params }) => ({ kind: 'procedure', read: (host) => search(host, params) }),
  compare(found) {
    const files = found.entries.map(({ path: name, state, checksum }): Value => {
      return { path: name, ...pathValues(state), ...(checksum === undefined ? {} : { checksum }) };
    });
    return {
      kind: 'same',
      values: { files, matched: files.length, examined: found.examined, skipped_paths: found.skipped },
    };
  },
  change: noChange,
});

async function search(host: HostReader, params: FindParams): Promise<Found> {
  const report = await ask(host, { script: listing(params) });
  const all = report.records('some').flatMap(([states = '', ...names]) => {
    const lines = states.split('\n');
    return names.flatMap((name, index): readonly Entry[] => {
      const state = parseState({ fields: lines[index] ?? '' });
      return state === undefined ? [] : [{ path: name, state }];
    });
  });
  const fits = filterOf(params, Number(report.need('now')));
  const chosen = await withContent(host, { params, entries: all.filter(fits) });
  const skipped = Object.fromEntries(report.records('missing').map(([name = '', why = '']) => [name, why]));
  return { entries: chosen.slice(0, params.limit ?? chosen.length), examined: all.length, skipped };
}

/** Names come with their states in one record, so that no name, whatever is in it, can be taken for another. */
function listing(params: FindParams): ShellText {
  const inner = joinShell([
    tell,
    shellSource(`fields='%f %u %g %s %i %d %h %Y %X %Z %U %G %F'
if states=$(stat $follow -c "$fields" -- "$@" 2>/dev/null); then tell some "$states" "$@"
else for one; do states=$(stat $follow -c "$fields" -- "$one" 2>/dev/null) && tell some "$states" "$one"; done; fi
:`),
  ]);
  const depth = params.recurse ? params.depth : 1;
  const limits = depth === undefined ? [] : ['-maxdepth', String(depth)];
  const follow = params.follow ? ['-L'] : [];
  const type = { file: ['-type', 'f'], directory: ['-type', 'd'], link: ['-type', 'l'], any: [] }[params.file_type];
  const searches = params.paths.map(
    (one) => sh`p=${pathWord(one)}
if [ -d "$p" ] && ! { [ -r "$p" ] && [ -x "$p" ]; }; then tell missing "$p" 'may not be read'
elif [ -d "$p" ]; then find ${follow} "\${p%/}/" -mindepth 1 ${limits} ${type} -exec sh -c "$inner" sh {} + 2>/dev/null
else tell missing "$p" 'is no folder'; fi`,
  );
  return joinShell([
    tell,
    sh`inner=${inner.raw}; follow=${params.follow ? '-L' : ''}; export follow
tell now "$(date +%s)"`,
    ...searches,
    sh`exit 0`,
  ]);
}

/** What the listing alone decides: names, age and size. */
function filterOf(params: FindParams, now: number): (entry: Entry) => boolean {
  const expression = (source: string): RegExp =>
    params.use_regex ? compilePattern(`^(?:${source})`) : globExpression(source);
  const wanted = params.patterns?.map(expression);
  const excluded = params.excludes.map(expression);
  const age = amount(params.age, { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 });
  const size = amount(params.size, { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 });
  const stamp = { mtime: 'modified', atime: 'accessed', ctime: 'changed' } as const;
  return ({ path: file, state }) => {
    const name = file.split('/').at(-1) ?? file;
    if (!params.hidden && name.startsWith('.')) return false;
    if (wanted !== undefined && !wanted.some((one) => one.test(name))) return false;
    if (excluded.some((one) => one.test(name))) return false;
    return age(now - state[stamp[params.age_stamp]]) && size(state.size);
  };
}

/** "10m" lets what is at least that pass, "-10m" what is at most that. */
function amount(wish: string | undefined, units: Readonly<Record<string, number>>): (value: number) => boolean {
  const [, minus = '', digits = '', unit = ''] = /^(-?)(\d+)([a-z]?)$/.exec(wish ?? '') ?? [];
  if (digits === '') return () => true;
  const limit = Number(digits) * (units[unit] ?? 1);
  return (value) => (minus === '' ? value >= limit : value <= limit);
}

async function withContent(
  host: HostReader,
  options: { readonly params: FindParams; readonly entries: readonly Entry[] },
): Promise<readonly Entry[]> {
  const { params, entries } = options;
  const { contains, get_checksum: summed } = params;
  const files = entries.filter(({ state }) => state.kind === 'file');
  if (files.length === 0 || (contains === undefined && !summed)) return contains === undefined ? entries : [];
  const wanted = contains === undefined ? ':' : 'grep -qE -e "$expression" < "$one"';
  const sum = summed ? 'sum=$(sha1sum < "$one")' : 'sum=';
  const inner = joinShell([
    tell,
    shellSource(`for one; do ${wanted} 2>/dev/null && ${sum} && tell file "$one" "\${sum%% *}"; done
:`),
  ]);
  const report = await ask(host, {
    script: sh`expression=${`^(${(contains ?? '').replaceAll('\\d', '[0-9]')})`}; export expression
xargs -0 sh -c ${inner.raw} sh`,
    stdin: Buffer.from(files.map((file) => `${file.path}\0`).join(''), 'utf8'),
  });
  const seen = new Map(report.records('file').map(([name = '', checksum = '']) => [name, checksum]));
  const kept = contains === undefined ? entries : entries.filter((entry) => seen.has(entry.path));
  return kept.map((entry) => {
    const checksum = seen.get(entry.path) ?? '';
    return checksum === '' ? entry : { ...entry, checksum };
  });
}

async function ask(
  host: HostReader,
  request: { readonly script: ShellText; readonly stdin?: Buffer },
): Promise<Report> {
  const { script, ...options } = request;
  const { end, stdout, stderr } = await host.query(script, options);
  if (end.kind === 'timeout') throw new ModuleFailure(`the search took longer than ${end.seconds} s`);
  return parseReport({ code: end.kind === 'code' ? end.code : 1, stdout, stderr });
}
