import { posix } from 'node:path';
import type { z } from 'zod';
import { joinShell, sh, shellSource } from '../shell/text.js';
import { pathResource } from './promises.js';
import { succeeded } from './support/command-result.js';
import { defineModule, params } from './support/define.js';
import { alias, choice, flag, path, texts } from './support/fields.js';
import {
  lookAtOwners,
  ownershipChanges,
  ownershipFields,
  ownershipSteps,
  requireOwners,
  setOwnership,
} from './support/ownership.js';
import { lookAt, pathState, type PathState } from './support/path-state.js';
import { globWord, pathWord } from './support/path-word.js';
import { parseReport, tell, type Report } from './support/report.js';
import { ModuleFailure, type Change } from './types.js';

const archiveParams = params(
  {
    path: alias(texts('Files and folders of the host, or shell patterns.'), 'paths'),
    dest: path('The archive.'),
    format: choice(['gz', 'bz2', 'xz', 'tar', 'zip'], 'How it is packed; `zip` needs zip on the host.').default('gz'),
    exclude: alias(texts('Shell patterns of names to leave out.').default([]), 'exclude_path', 'exclusion_patterns'),
    remove: flag('Removes what was packed.').default(false),
    ...ownershipFields,
  },
  ({ path: paths, remove, exclude }) => {
    if (paths.length === 0) return '`path` names nothing';
    return remove && exclude.length > 0
      ? '`remove` would also remove what `exclude` leaves out of the archive'
      : undefined;
  },
);

type ArchiveParams = z.output<typeof archiveParams>;

interface Found {
  readonly dest: string;
  readonly state: PathState | undefined;
  /** Whether the folder above exists. */
  readonly parent: boolean;
  /** What the patterns match. */
  readonly sources: readonly string[];
  readonly missing: readonly string[];
  /** Newer than the archive, or not in it. */
  readonly newer: string | undefined;
  readonly report: Report;
}

/** Packs files of the host. */
export const archive = defineModule<ArchiveParams, unknown, Found>({
  name: 'archive',
  summary: 'Packs files and folders of the host into an archive on the host, when they are newer than it.',
  params: archiveParams,
  background: 'awaited',
  restsOn: (params) => params.path.map(pathResource),
  look: ({ params }) => ({
    kind: 'script',
    script: joinShell([
      tell,
      lookAt,
      sh`a=${pathWord(params.dest)}; tell dest "$a"; look_at state "$a" -L; look_above "$a"`,
      lookAtOwners(params),
      shellSource(`from() {
  for one; do
    if [ ! -e "$one" ] && [ ! -L "$one" ]; then tell missing "$one"; continue; fi
    tell source "$one"
    if [ -f "$a" ]; then
      newer=$(find "$one" -newer "$a" ! -path "$a" 2>/dev/null | head -n 1)
      [ -z "$newer" ] || tell newer "$newer"
    fi
  done
}`),
      ...params.path.map((one) => sh`from ${globWord(one)}`),
      sh`exit 0`,
    ]),
    parse(reply) {
      const report = parseReport(reply);
      const told = (key: string): readonly string[] => report.records(key).map(([one = '']) => one);
      return {
        dest: report.need('dest'),
        state: pathState(report, 'state'),
        parent: told('parent').length > 0,
        sources: told('source'),
        missing: told('missing'),
        newer: report.word('newer'),
        report,
      };
    },
  }),
  compare(found, { params, promised }) {
    const { dest, state, sources, missing } = found;
    requireOwners(found.report, { wanted: params, promised });
    if (state !== undefined && state.kind !== 'file') throw new ModuleFailure(`${dest} is a ${state.kindName}`);
    const parent = posix.dirname(dest);
    if (!found.parent && promised?.has(pathResource(parent)) !== true)
      throw new ModuleFailure(`the folder ${parent} does not exist on the host`);
    const inside = sources.find((one) => dest.startsWith(`${one.replace(/\/+$/, '')}/`));
    if (inside !== undefined) throw new ModuleFailure(`${dest} is inside ${inside}, which it would hold`);
    const values = { dest, archived: [...sources], missing: [...missing], dest_state: 'archive' };
    const changes: Change[] = [];
    if (sources.length === 0) {
      // With `remove` the second run finds what it asked for: packed and gone.
      if (!params.remove || state === undefined)
        throw new ModuleFailure(`there is nothing to pack: ${missing.join(', ')}`);
    } else if (state === undefined || found.newer !== undefined || params.remove) {
      changes.push({ part: 'content', ...(found.newer === undefined ? {} : { before: `older than ${found.newer}` }) });
    }
    changes.push(...ownershipChanges(state, params));
    if (changes.length === 0) return { kind: 'same', values };
    const gone = params.remove ? sources.map(pathResource) : [];
    return { kind: 'change', changes, values, provides: [pathResource(dest), ...gone] };
  },
  async change(host, { params, found, changes }) {
    const { dest, sources } = found;
    const values = { dest, archived: [...sources], missing: [...found.missing], dest_state: 'archive' };
    if (!changes.some(({ part }) => part === 'content')) {
      await setOwnership(host, { path: dest, changes });
      return { values };
    }
    const root = rootOf(sources);
    const names = sources.map((one) => `./${one.slice(root.length).replace(/^\/+/, '')}`);
    const mode = changes.some(({ part }) => part === 'mode') ? [] : [sh`chmod -- 0644 "$t"`];
    const script = sh`a=${dest}; folder=$(mktemp -d "\${a%/*}/.runner.XXXXXX") || exit 1
trap 'rm -rf -- "$folder"' EXIT
t=$folder/archive
cd -- ${root === '' ? '/' : root} || exit 1
${packing(params, names)} || exit 1
${joinShell([...mode, ...ownershipSteps(sh`"$t"`, changes), sh`mv -f -- "$t" "$a"`], ' && ')} || exit 1
${params.remove ? sh`rm -rf -- ${names}` : sh`:`}`;
    succeeded(await host.run(script, { ownChannel: true }), { host, doing: `cannot pack ${dest}` });
    return { values };
  },
});

function packing(params: ArchiveParams, names: readonly string[]): ReturnType<typeof sh> {
  if (params.format === 'zip') {
    return sh`zip -q -r -y "$t" ${names} ${params.exclude.length === 0 ? [] : ['-x', ...params.exclude]}`;
  }
  const flag = { gz: '-z', bz2: '-j', xz: '-J', tar: [] }[params.format];
  const without = params.exclude.map((one) => `--exclude=${one}`);
  return sh`tar -c ${flag} -f "$t" ${without} ${names}`;
}

/** The folder that holds all sources: names in the archive are relative to it. */
function rootOf(sources: readonly string[]): string {
  const folders = sources.map((one) => one.replace(/\/+$/, '').split('/').slice(0, -1));
  const [first = []] = folders;
  const length = first.findIndex((part, index) => folders.some((other) => other[index] !== part));
  return first.slice(0, length === -1 ? first.length : length).join('/');
}
