import { createHash } from 'node:crypto';
import { sh, type ShellText } from '../../shell/text.js';
import { contentResource, folderResources, pathResource } from '../promises.js';
import {
  ModuleFailure,
  type Change,
  type Comparison,
  type FileSource,
  type HostWriter,
  type LookReply,
  type ModuleResult,
  type Promised,
  type Resource,
} from '../types.js';
import { succeeded } from './command-result.js';
import { contentChange, diffLimit } from './content-change.js';
import {
  lookAtOwners,
  ownershipChanges,
  requireOwners,
  setOwnership,
  wantedMode,
  type Ownership,
} from './ownership.js';
import { lookAt, pathState, type PathState } from './path-state.js';
import { pathWord } from './path-word.js';
import { parseReport, tell, type Report } from './report.js';

/** One file of the host that is to hold given bytes: what copy, template and get_url have in common. */
export interface TargetRequest extends Ownership {
  readonly dest: string;
  /** The name a file gets when `dest` is a folder; without it a folder is a mistake. */
  readonly name?: string | undefined;
  /** Writes through a link instead of replacing it. */
  readonly follow: boolean;
}

/** What is known of the bytes to come. */
export interface WantedContent {
  readonly source: FileSource;
  readonly size: number;
  /** Undefined: not taken yet, and not needed where the sizes differ. */
  readonly sha256: string | undefined;
  /** From an encrypted file: no diff shows it. */
  readonly secret?: boolean;
}

/** Plain bytes of an encrypted file as wanted content. */
export function secretContent(bytes: Buffer): WantedContent & { readonly sha256: string } {
  return { ...bytesContent(bytes), secret: true };
}

/** Bytes held in memory as wanted content. */
export function bytesContent(bytes: Buffer): WantedContent & { readonly sha256: string } {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { source: { kind: 'bytes', bytes }, size: bytes.length, sha256 };
}

export interface TargetFound {
  /** The path that would be written, `~` and links resolved. */
  readonly path: string;
  readonly state: PathState | undefined;
  /** Whether the folder above exists. */
  readonly parent: boolean;
  /** The folder that a `dest` with a `/` at its end asks to be made. */
  readonly newFolder: string | undefined;
  /** The old bytes, when they differ and are few enough for a diff. */
  readonly old: Buffer | undefined;
  readonly report: Report;
}

/**
 * Looks at the file that would be written; its old bytes come along when their SHA-256 is not the wanted one.
 * Without `wanted` they do not, and where it is `unsummed` no sum is taken. `before` are further looks of the module.
 */
export function lookAtTarget(
  request: TargetRequest,
  wanted: { readonly sha256: string } | 'unsummed' | undefined,
  before: ShellText = sh`:`,
): ShellText {
  const { dest, name, follow } = request;
  const folder =
    name === undefined
      ? sh``
      : sh`if [ -d "$p" ]; then p="\${p%/}"/${name}
else case $p in ?*/) p="\${p%/}"; tell newfolder "$p"; p=$p/${name} ;; esac; fi`;
  const through = follow
    ? sh`own_way "$p"
if [ -L "$p" ]; then p=$(readlink -f -- "$p") || exit 1; fi`
    : sh``;
  const sum = wanted === 'unsummed' ? sh`:` : sh`look_sum sum "$p" "\${size%% *}"`;
  const body =
    wanted === undefined || wanted === 'unsummed'
      ? sh`:`
      : sh`if [ "\${seen%% *}" != ${wanted.sha256} ] && [ "$(wc -c < "$p")" -le ${diffLimit} ]; then tell body; cat < "$p"; fi`;
  return sh`${tell}
${lookAt}
p=${pathWord(dest)}
${folder}
case $p in */*) own_way "\${p%/*}" ;; esac
${through}
tell path "$p"
look_above "$p"
${lookAtOwners(request)}
${before}
look_at state "$p"
if [ -L "$p" ] && [ -d "$p" ]; then tell linkedfolder; fi
if [ ! -L "$p" ] && [ -f "$p" ]; then
  size=\${seen#* * * }
  ${sum}
  ${body}
fi
exit 0`;
}

export function parseTarget(reply: LookReply): TargetFound {
  const report = parseReport(reply);
  return {
    path: report.need('path'),
    state: pathState(report, 'state', 'sum'),
    parent: report.records('parent').length > 0,
    newFolder: report.word('newfolder'),
    old: report.body,
    report,
  };
}

/** What would change of the file. `force: false` leaves an existing file's content alone. */
export function compareTarget(
  found: TargetFound,
  options: {
    readonly request: TargetRequest;
    readonly wanted: WantedContent;
    readonly force: boolean;
    readonly promised?: Promised | undefined;
  },
): Comparison {
  const { request, wanted, force, promised } = options;
  const { path, state } = found;
  requireOwners(found.report, { wanted: request, promised });
  if (state?.kind === 'directory') throw new ModuleFailure(`${path} is a directory, not a file`);
  if (found.report.records('linkedfolder').length > 0)
    throw new ModuleFailure(`${path} is a link to a directory: it is not replaced by a file`);
  if (state?.kind === 'other')
    throw new ModuleFailure(`${path} is a ${state.kindName}: only a file or link is replaced`);
  if (path.endsWith('/'))
    throw new ModuleFailure(`${path} names a folder (it ends with a \`/\`): name the file that is to be written in it`);
  const parent = path.replace(/\/+[^/]*$/, '') || '/';
  if (!found.parent && found.newFolder === undefined && promised?.has(pathResource(parent)) !== true) {
    throw new ModuleFailure(`the folder ${parent} does not exist on the host`);
  }
  const values = contentValues(path, wanted);
  if (state !== undefined && !force) return { kind: 'same', values };
  const changes: Change[] = [...newFolderChange(found)];
  if (wanted.sha256 === undefined || state?.sha256 !== wanted.sha256) {
    const after =
      wanted.source.kind === 'bytes' && wanted.secret !== true ? wanted.source.bytes : { size: wanted.size };
    const before = state?.kind === 'file' ? (found.old ?? null) : undefined;
    changes.push(contentChange({ path, before, after }));
  }
  changes.push(...ownershipChanges(state?.kind === 'link' ? undefined : state, request));
  if (changes.length === 0) return { kind: 'same', values };
  const known = wanted.sha256 === undefined ? [] : [contentResource(path, wanted.sha256)];
  return { kind: 'change', changes, values, provides: [pathResource(path), ...known, ...newFolderResources(found)] };
}

/** What `register` holds of a written file; a sum that is not taken yet is left out. */
function contentValues(path: string, { size, sha256 }: WantedContent): Readonly<Record<string, string | number>> {
  return { dest: path, size, ...(sha256 === undefined ? {} : { checksum: sha256 }) };
}

/** The change that making the folder of a `dest` with a `/` at its end is. */
export function newFolderChange({ newFolder }: TargetFound): readonly Change[] {
  return newFolder === undefined ? [] : [{ part: `folder ${newFolder}`, before: 'absent', after: 'directory' }];
}

/** What making that folder promises. */
export function newFolderResources({ newFolder }: TargetFound): readonly Resource[] {
  return newFolder === undefined ? [] : folderResources(newFolder);
}

/** Makes the folder of a `dest` with a `/` at its end. */
export async function makeFolder(
  host: HostWriter,
  options: { readonly found: TargetFound; readonly mode?: string | undefined },
): Promise<void> {
  const { found, mode } = options;
  if (found.newFolder === undefined) return;
  const bits =
    mode === undefined ? sh`` : sh` && chmod -- ${wantedMode(mode, undefined, 'directory')} ${found.newFolder}`;
  const doing = `cannot make the folder ${found.newFolder}`;
  succeeded(await host.run(sh`mkdir -p -- ${found.newFolder}${bits}`), { host, doing });
}

/** Writes the bytes when they differ, otherwise only mode and ownership. */
export async function writeTarget(
  host: HostWriter,
  options: {
    readonly request: TargetRequest & {
      readonly backup?: boolean;
      readonly validate?: string | undefined;
      readonly directory_mode?: string | undefined;
    };
    readonly wanted: WantedContent;
    readonly found: TargetFound;
    readonly changes: readonly Change[];
  },
): Promise<ModuleResult> {
  const { request, wanted, found, changes } = options;
  const { path } = found;
  const values = contentValues(path, wanted);
  if (!changes.some((change) => change.part === 'content')) {
    await setOwnership(host, { path, changes });
    return { values };
  }
  const state = found.state?.kind === 'link' ? undefined : found.state;
  await makeFolder(host, { found, mode: request.directory_mode });
  const { backup, sha256 = wanted.sha256 } = await host.writeFile({
    path,
    source: wanted.source,
    ...(request.mode === undefined ? {} : { mode: wantedMode(request.mode, state) }),
    ...(request.owner === undefined ? {} : { owner: request.owner }),
    ...(request.group === undefined ? {} : { group: request.group }),
    ...(request.validate === undefined ? {} : { validate: request.validate }),
    ...(request.backup === true && found.state !== undefined ? { backup: true } : {}),
  });
  const written = contentValues(path, { ...wanted, sha256 });
  return { values: { ...written, ...(backup === undefined ? {} : { backup_file: backup }) } };
}
