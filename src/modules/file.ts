import type { z } from 'zod';
import { joinShell, sh, shellSource, type ShellText } from '../shell/text.js';
import { folderResources, pathResource } from './promises.js';
import { succeeded } from './support/command-result.js';
import { defineModule, params } from './support/define.js';
import { alias, choice, flag, path } from './support/fields.js';
import { fileChanges, type FileFound } from './support/file-state.js';
import { lookAtOwners, ownershipFields, ownershipSteps, requireOwners } from './support/ownership.js';
import { lookAt, pathState } from './support/path-state.js';
import { pathWord } from './support/path-word.js';
import { parseReport, tell, type Report } from './support/report.js';
import { lookAtMembers, parseMembers, recurseSteps } from './support/tree-ownership.js';
import type { Change, LookReply } from './types.js';

const fileParams = params(
  {
    path: alias(path('The file, folder or link.'), 'dest', 'name'),
    state: choice(
      ['file', 'directory', 'link', 'hard', 'touch', 'absent'],
      'What shall be there; without it, what is there keeps its kind.',
    ).optional(),
    src: path(
      'For `link` and `hard`: what it points to. Owner and group are then those of the link, which has no mode of its own: `mode` is not used.',
    ).optional(),
    recurse: flag('For `directory`: mode and owner of everything below as well.').default(false),
    force: flag('For links: also to a missing target, and in the place of a file or an empty folder.').default(false),
    follow: flag('Mode and owner of a link are those of what it points to.').default(true),
    access_time: choice(['now', 'preserve'], 'For `touch`: the time of last access.').default('now'),
    modification_time: choice(['now', 'preserve'], 'For `touch`: the time of last modification.').default('now'),
    ...ownershipFields,
  },
  ({ state, src, recurse }) => {
    const isLink = state === 'link' || state === 'hard';
    if (isLink && src === undefined) return `\`state: ${state}\` needs \`src\``;
    if (!isLink && src !== undefined) return '`src` is for `state: link` and `state: hard`';
    return recurse && state !== 'directory' ? '`recurse` is for `state: directory`' : undefined;
  },
);

type FileParams = z.output<typeof fileParams>;

/** Files, folders and links: whether they are there, their mode and their owner. */
export const file = defineModule<FileParams, unknown, FileFound & { readonly report: Report }>({
  name: 'file',
  summary: 'Makes, changes or removes files, folders and links, and sets their mode and owner.',
  params: fileParams,
  look: ({ params }) => ({ kind: 'script', script: lookScript(params), parse: parseFound }),
  compare(found, { params, promised }) {
    if (params.state !== 'absent') requireOwners(found.report, { wanted: params, promised });
    const changes = fileChanges(found, params, promised);
    const values = { path: found.path, state: params.state ?? found.own?.kind ?? 'absent' };
    if (changes.length === 0) return { kind: 'same', values };
    const provides = params.state === 'directory' ? folderResources(found.path) : [pathResource(found.path)];
    return { kind: 'change', changes, values, provides };
  },
  async change(host, { params, found, changes }) {
    const script = changeScript(params, { found, changes });
    succeeded(await host.run(script), { host, doing: `cannot change ${found.path}` });
    return { values: { path: found.path, state: params.state ?? found.own?.kind ?? 'absent' } };
  },
});

function lookScript(params: FileParams): ShellText {
  const { src, state, recurse } = params;
  const nothing = shellSource(':');
  // A link that is itself made, removed or changed is not followed.
  const isFollowed = params.follow && state !== 'link' && state !== 'absent';
  const way = isFollowed ? sh`own_way "$p"` : sh`case $p in */*) own_way "\${p%/*}" ;; esac`;
  return joinShell([
    tell,
    lookAt,
    // `link/` would be what the link points to, and `rm` would empty it.
    sh`p=${pathWord(params.path.replace(/(?<=[^/])\/+$/, ''))}
${way}
tell path "$p"
look_at own "$p"
if [ -L "$p" ] && [ -e "$p" ]; then look_at reached "$p" -L; fi
look_above "$p"`,
    // Only a link may take the place of an empty folder.
    state === 'link' || state === 'hard'
      ? sh`if [ -d "$p" ] && [ -z "$(ls -A -- "$p" 2>/dev/null)" ]; then tell empty; fi`
      : nothing,
    lookAtOwners(params),
    src !== undefined && state === 'hard' ? sh`look_at source ${pathWord(src)}` : nothing,
    src !== undefined && state === 'link'
      ? sh`s=${pathWord(src)}
case $s in /*) ;; *) s=$(dirname -- "$p")/$s ;; esac
look_at source "$s" -L`
      : nothing,
    recurse ? lookAtMembers : nothing,
  ]);
}

function parseFound(reply: LookReply): FileFound & { readonly report: Report } {
  const report = parseReport(reply);
  const told = (key: string): boolean => report.records(key).length > 0;
  return {
    path: report.need('path'),
    own: pathState(report, 'own'),
    reached: told('reached') ? pathState(report, 'reached') : undefined,
    source: told('source') ? pathState(report, 'source') : undefined,
    empty: told('empty'),
    parent: told('parent'),
    members: parseMembers(report.body),
    report,
  };
}

function changeScript(
  params: FileParams,
  options: { readonly found: FileFound; readonly changes: readonly Change[] },
): ShellText {
  const { found, changes } = options;
  const at = sh`${found.path}`;
  const owners = ownershipSteps(at, changes);
  const src = params.src ?? '';
  const makes = (part: string): boolean => changes.some((change) => change.part === part);
  const emptied = found.own?.kind === 'directory' ? sh`rmdir -- ${at} && ` : sh``;
  switch (params.state) {
    case 'absent':
      return found.own?.kind === 'directory' ? sh`rm -rf -- ${at}` : sh`rm -f -- ${at}`;
    case 'directory':
      if (makes('state')) return makeFolders(found.path, changes);
      if (!makes('recurse')) return joinShell(owners, ' && ');
      return recurseSteps(found.path, { wanted: params, members: found.members });
    case 'touch':
      if (!makes('times') && !makes('state')) return joinShell(owners, ' && ');
      return joinShell([sh`touch ${touchFlags(params)} -- ${at}`, ...owners], ' && ');
    case 'link':
      if (!makes('link')) return joinShell(owners, ' && ');
      return joinShell([sh`${emptied}ln -sfn -- ${src} ${at}`, ...owners], ' && ');
    case 'hard':
      return sh`${emptied}ln -f -- ${pathWord(src)} ${at}`;
    case 'file':
    case undefined:
      return joinShell(owners, ' && ');
  }
}

/**
 * Makes the folder and the missing ones above it; each new one gets the wanted mode and owner, and nobody sees it before.
 * One that somebody else made in the meantime is taken as it is.
 */
function makeFolders(path: string, changes: readonly Change[]): ShellText {
  const owners = ownershipSteps(shellSource('"$d"'), changes);
  const hidden = changes.some((change) => change.part === 'mode') ? sh`umask 077` : sh`:`;
  return sh`d=${path}; set --
while [ ! -d "$d" ]; do set -- "$d" "$@"; d=$(dirname -- "$d"); done
${hidden}
for d; do { mkdir -- "$d" 2> /dev/null || [ -d "$d" ] || mkdir -- "$d"; }${joinShell([sh``, ...owners], ' && ')} || exit 1; done`;
}

/** Which times `touch` sets; none named means both. */
function touchFlags(params: FileParams): readonly string[] {
  if (params.access_time === 'preserve' && params.modification_time === 'now') return ['-m'];
  return params.modification_time === 'preserve' && params.access_time === 'now' ? ['-a'] : [];
}
