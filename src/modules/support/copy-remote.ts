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
import { succeeded } from './command-result.js';
import { contentChange } from './content-change.js';
import { formatMode } from './mode.js';
import { ownershipChanges, requireOwners, wantedMode, type Ownership } from './ownership.js';
import { pathState, type PathState } from './path-state.js';
import { pathWord } from './path-word.js';
import { parseReport } from './report.js';
import { lookAtTarget, parseTarget, type TargetFound, type TargetRequest } from './target-file.js';

/** A file of the host copied to another place of the same host. */
export interface RemoteCopy extends TargetRequest {
  readonly src: string;
  readonly force: boolean;
  readonly backup: boolean;
  readonly validate?: string | undefined;
}

export interface RemoteFound extends TargetFound {
  readonly source: PathState | undefined;
  readonly sourcePath: string;
}

export function lookAtRemote(params: RemoteCopy): ShellText {
  const name = params.src.replace(/\/+$/, '').split('/').at(-1) ?? params.src;
  return sh`s=${pathWord(params.src)}
${lookAtTarget(
  { ...params, name },
  undefined,
  sh`tell sourcepath "$s"
look_at source "$s" -L
if [ -f "$s" ]; then look_sum sourcesum "$s"; fi`,
)}`;
}

export function parseRemote(reply: LookReply): RemoteFound {
  const report = parseReport(reply);
  return {
    ...parseTarget(reply),
    source: pathState(report, 'source', 'sourcesum'),
    sourcePath: report.need('sourcepath'),
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
  if (source.kind !== 'file') {
    throw new ModuleFailure(
      `${found.sourcePath} is a ${source.kindName}: only a regular file can be copied on the host`,
    );
  }
  if (state?.kind === 'directory') throw new ModuleFailure(`${path} is a directory, not a file`);
  const parent = path.replace(/\/+[^/]*$/, '') || '/';
  if (!found.parent && promised?.has(pathResource(parent)) !== true) {
    throw new ModuleFailure(`the folder ${parent} does not exist on the host`);
  }
  const values = { dest: path, src: found.sourcePath, checksum: source.sha256 ?? '', size: source.size };
  if (state !== undefined && !params.force) return { kind: 'same', values };
  const changes: Change[] = [];
  if (state?.sha256 !== source.sha256) {
    changes.push(contentChange({ path, before: state ? null : undefined, after: { size: source.size } }));
  }
  changes.push(...ownershipChanges(state?.kind === 'link' ? undefined : state, ownershipOf(params, source)));
  if (changes.length === 0) return { kind: 'same', values };
  return { kind: 'change', changes, values, provides: [pathResource(path)] };
}

/** Copies beside the target, sets mode and owner, checks, renames: a reader never sees half a file. */
export async function writeRemote(
  host: HostWriter,
  options: { readonly params: RemoteCopy; readonly found: RemoteFound },
): Promise<ModuleResult> {
  const { params, found } = options;
  const { path, sourcePath } = found;
  const { mode, owner, group } = ownershipOf(params, found.source);
  const old = found.state?.kind === 'link' ? undefined : found.state;
  const bits = mode === undefined ? formatMode(old?.mode ?? 0o644) : wantedMode(mode, old);
  const backup = params.backup && old !== undefined ? `${path}.${timestamp()}~` : undefined;
  const script = sh`p=${path}
t=$(mktemp "\${p%/*}/.runner.XXXXXX") || exit 1
trap 'rm -f -- "$t"' EXIT
cat < ${sourcePath} > "$t" || exit 1
${owner === undefined ? sh`:` : sh`chown -- ${owner} "$t" || exit 1`}
${group === undefined ? sh`:` : sh`chgrp -- ${group} "$t" || exit 1`}
chmod -- ${bits} "$t" || exit 1
${params.validate === undefined ? sh`:` : sh`sh -c ${params.validate.replaceAll('%s', '"$1"')} sh "$t" || exit 1`}
${backup === undefined ? sh`:` : sh`cp -p -- "$p" ${backup} || exit 1`}
mv -f -- "$t" "$p"`;
  succeeded(await host.run(script), { host, doing: `cannot copy ${sourcePath} to ${path}` });
  return {
    values: { dest: path, src: sourcePath, ...(backup === undefined ? {} : { backup_file: backup }) },
  };
}

function ownershipOf(params: RemoteCopy, source: PathState | undefined): Ownership {
  const preserved = source === undefined ? undefined : formatMode(source.mode);
  return { owner: params.owner, group: params.group, mode: params.mode === 'preserve' ? preserved : params.mode };
}

function timestamp(): string {
  return new Date().toISOString().replace(/[:.]/g, '-');
}
