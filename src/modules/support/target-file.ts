import { createHash } from 'node:crypto';
import { sh, type ShellText } from '../../shell/text.js';
import { contentResource, pathResource } from '../promises.js';
import {
  ModuleFailure,
  type Change,
  type Comparison,
  type FileSource,
  type HostWriter,
  type LookReply,
  type ModuleResult,
  type Promised,
} from '../types.js';
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
  readonly sha256: string;
}

/** Bytes held in memory as wanted content. */
export function bytesContent(bytes: Buffer): WantedContent {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { source: { kind: 'bytes', bytes }, size: bytes.length, sha256 };
}

export interface TargetFound {
  /** The path that would be written, `~` and links resolved. */
  readonly path: string;
  readonly state: PathState | undefined;
  /** Whether the folder above exists. */
  readonly parent: boolean;
  /** The old bytes, when they differ and are few enough for a diff. */
  readonly old: Buffer | undefined;
  readonly report: Report;
}

/**
 * Looks at the file that would be written; its old bytes come along when their SHA-256 is not the wanted one.
 * Without `wanted` they do not. `before` are further looks of the module.
 */
export function lookAtTarget(
  request: TargetRequest,
  wanted: { readonly sha256: string } | undefined,
  before: ShellText = sh`:`,
): ShellText {
  const { dest, name, follow } = request;
  const folder = name === undefined ? sh`` : sh`[ -d "$p" ] && p="\${p%/}"/${name}`;
  const through = follow ? sh`if [ -L "$p" ]; then p=$(readlink -f -- "$p") || exit 1; fi` : sh``;
  const body =
    wanted === undefined
      ? sh`:`
      : sh`if [ "\${seen%% *}" != ${wanted.sha256} ] && [ "$(wc -c < "$p")" -le ${diffLimit} ]; then tell body; cat < "$p"; fi`;
  return sh`${tell}
${lookAt}
p=${pathWord(dest)}
${folder}
${through}
tell path "$p"
look_above "$p"
${lookAtOwners(request)}
${before}
look_at state "$p"
if [ ! -L "$p" ] && [ -f "$p" ]; then
  size=\${seen#* * * }
  look_sum sum "$p" "\${size%% *}"
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
  if (state?.kind === 'other')
    throw new ModuleFailure(`${path} is a ${state.kindName}: only a file or link is replaced`);
  const parent = path.replace(/\/+[^/]*$/, '') || '/';
  if (!found.parent && promised?.has(pathResource(parent)) !== true) {
    throw new ModuleFailure(`the folder ${parent} does not exist on the host`);
  }
  const values = { dest: path, checksum: wanted.sha256, size: wanted.size };
  if (state !== undefined && !force) return { kind: 'same', values };
  const changes: Change[] = [];
  if (state?.sha256 !== wanted.sha256) {
    const after = wanted.source.kind === 'bytes' ? wanted.source.bytes : { size: wanted.size };
    const before = state?.kind === 'file' ? (found.old ?? null) : undefined;
    changes.push(contentChange({ path, before, after }));
  }
  changes.push(...ownershipChanges(state?.kind === 'link' ? undefined : state, request));
  if (changes.length === 0) return { kind: 'same', values };
  return { kind: 'change', changes, values, provides: [pathResource(path), contentResource(path, wanted.sha256)] };
}

/** Writes the bytes when they differ, otherwise only mode and ownership. */
export async function writeTarget(
  host: HostWriter,
  options: {
    readonly request: TargetRequest & { readonly backup?: boolean; readonly validate?: string | undefined };
    readonly wanted: WantedContent;
    readonly found: TargetFound;
    readonly changes: readonly Change[];
  },
): Promise<ModuleResult> {
  const { request, wanted, found, changes } = options;
  const { path } = found;
  const values = { dest: path, checksum: wanted.sha256, size: wanted.size };
  if (!changes.some((change) => change.part === 'content')) {
    await setOwnership(host, { path, changes });
    return { values };
  }
  const state = found.state?.kind === 'link' ? undefined : found.state;
  const { backup } = await host.writeFile({
    path,
    source: wanted.source,
    ...(request.mode === undefined ? {} : { mode: wantedMode(request.mode, state) }),
    ...(request.owner === undefined ? {} : { owner: request.owner }),
    ...(request.group === undefined ? {} : { group: request.group }),
    ...(request.validate === undefined ? {} : { validate: request.validate }),
    ...(request.backup === true && found.state !== undefined ? { backup: true } : {}),
  });
  return { values: { ...values, ...(backup === undefined ? {} : { backup_file: backup }) } };
}
