import { sh, type ShellText } from '../../shell/text.js';
import { pathResource } from '../promises.js';
import {
  ModuleFailure,
  type Change,
  type Comparison,
  type HostWriter,
  type LookReply,
  type ModuleResult,
  type Promised,
} from '../types.js';
import { contentChange } from './content-change.js';
import { placeCopy } from './copy-remote-place.js';
import { lookAtRemoteTree, parseRemoteTree, writeRemoteTree, type RemoteTree } from './copy-remote-tree.js';
import { compareTree } from './copy-tree.js';
import { formatMode } from './mode.js';
import { ownershipChanges, requireOwners, wantedMode, type Ownership } from './ownership.js';
import { pathState, type PathState } from './path-state.js';
import { pathWord } from './path-word.js';
import { parseReport } from './report.js';
import {
  lookAtTarget,
  makeFolder,
  newFolderChange,
  newFolderResources,
  parseTarget,
  type TargetFound,
  type TargetRequest,
} from './target-file.js';

/** A file or folder of the host copied to another place of the same host. */
export interface RemoteCopy extends TargetRequest {
  readonly src: string;
  readonly force: boolean;
  readonly backup: boolean;
  readonly validate?: string | undefined;
  readonly directory_mode?: string | undefined;
}

export interface RemoteFound extends TargetFound {
  readonly source: PathState | undefined;
  readonly sourcePath: string;
  /** When the source is a folder. */
  readonly tree: RemoteTree | undefined;
}

export function lookAtRemote(params: RemoteCopy): ShellText {
  const name = params.src.replace(/\/+$/, '').split('/').at(-1) ?? params.src;
  return sh`s=${pathWord(params.src)}
${lookAtTarget(
  { ...params, name },
  undefined,
  sh`tell sourcepath "$s"
look_at source "$s" -L
if [ -f "$s" ]; then look_sum sourcesum "$s"; fi
if [ -d "$s" ]; then ${lookAtRemoteTree(params)}
fi`,
)}`;
}

export function parseRemote(reply: LookReply): RemoteFound {
  const report = parseReport(reply);
  const sourcePath = report.need('sourcepath');
  return {
    ...parseTarget(reply),
    source: pathState(report, 'source', 'sourcesum'),
    sourcePath,
    tree: parseRemoteTree(report, sourcePath),
  };
}

export function compareRemote(
  found: RemoteFound,
  options: { readonly params: RemoteCopy; readonly promised?: Promised | undefined },
): Comparison {
  const { params, promised } = options;
  const { path, state, source } = found;
  requireOwners(found.report, { wanted: params, promised });
  if (source === undefined) {
    if (promised?.has(pathResource(found.sourcePath)) !== true) {
      throw new ModuleFailure(`there is no file ${found.sourcePath} on the host`);
    }
    return { kind: 'unknown', reason: `an earlier task makes ${found.sourcePath}` };
  }
  if (found.tree !== undefined) {
    if (params.validate !== undefined)
      throw new ModuleFailure('`validate` checks one file, and the source is a folder');
    return compareTree(found.tree.found, { params, tree: found.tree.source, promised });
  }
  if (source.kind !== 'file') {
    throw new ModuleFailure(
      `${found.sourcePath} is a ${source.kindName}: only a file or a folder can be copied on the host`,
    );
  }
  if (state?.kind === 'directory') throw new ModuleFailure(`${path} is a directory, not a file`);
  const parent = path.replace(/\/+[^/]*$/, '') || '/';
  if (!found.parent && found.newFolder === undefined && promised?.has(pathResource(parent)) !== true) {
    throw new ModuleFailure(`the folder ${parent} does not exist on the host`);
  }
  const values = { dest: path, src: found.sourcePath, checksum: source.sha256 ?? '', size: source.size };
  if (state !== undefined && !params.force) return { kind: 'same', values };
  const changes: Change[] = [...newFolderChange(found)];
  if (state?.sha256 !== source.sha256) {
    changes.push(contentChange({ path, before: state ? null : undefined, after: { size: source.size } }));
  }
  changes.push(...ownershipChanges(state?.kind === 'link' ? undefined : state, ownershipOf(params, source)));
  if (changes.length === 0) return { kind: 'same', values };
  return { kind: 'change', changes, values, provides: [pathResource(path), ...newFolderResources(found)] };
}

/** Copies what differs. */
export async function writeRemote(
  host: HostWriter,
  options: { readonly params: RemoteCopy; readonly found: RemoteFound },
): Promise<ModuleResult> {
  const { params, found } = options;
  const { path, sourcePath } = found;
  if (found.tree !== undefined) return writeRemoteTree(host, { params, tree: found.tree });
  await makeFolder(host, { found, mode: params.directory_mode });
  const { mode, owner, group } = ownershipOf(params, found.source);
  const old = found.state?.kind === 'link' ? undefined : found.state;
  const bits = mode === undefined ? formatMode(old?.mode ?? 0o644) : wantedMode(mode, old);
  const backup = await placeCopy(host, {
    from: sourcePath,
    to: path,
    bits,
    owner,
    group,
    backup: params.backup && old !== undefined,
    validate: params.validate,
  });
  return {
    values: { dest: path, src: sourcePath, ...(backup === undefined ? {} : { backup_file: backup }) },
  };
}

function ownershipOf(params: RemoteCopy, source: PathState | undefined): Ownership {
  const preserved = source === undefined ? undefined : formatMode(source.mode);
  return { owner: params.owner, group: params.group, mode: params.mode === 'preserve' ? preserved : params.mode };
}
