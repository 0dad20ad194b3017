import { joinShell, sh, shellSource, type ShellText } from '../../shell/text.js';
import { ModuleFailure, type Change, type HostWriter, type Promised } from '../types.js';
import { succeeded } from './command-result.js';
import { mode, word } from './fields.js';
import { formatMode, resolveMode } from './mode.js';
import type { PathState } from './path-state.js';
import type { Report } from './report.js';

/** Parameters of everything that has a mode and an owner. */
export const ownershipFields = {
  mode: mode('Permissions: octal digits in quotes ("0644") or letters as chmod takes them ("u=rw,go=r").').optional(),
  owner: word('The user who shall own it: a name or a number.').optional(),
  group: word('The group it shall belong to: a name or a number.').optional(),
};

export interface Ownership {
  readonly mode?: string | undefined;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
}

/** Tells `nouser` or `nogroup` when the wanted owner or group is unknown on the host. */
export function lookAtOwners(wanted: Ownership): ShellText {
  const { owner, group } = wanted;
  const pieces: ShellText[] = [];
  if (owner !== undefined && !isNumber(owner)) {
    pieces.push(sh`id -u ${owner} >/dev/null 2>&1 || tell nouser`);
  }
  if (group !== undefined && !isNumber(group)) {
    pieces.push(sh`if command -v getent >/dev/null 2>&1; then getent group ${group} >/dev/null 2>&1
else cut -d: -f1 /etc/group | grep -qxF -e ${group}; fi || tell nogroup`);
  }
  return joinShell([...pieces, shellSource(':')]);
}

/** Throws ModuleFailure when the wanted owner or group does not exist and no earlier task of the preview makes it. */
export function requireOwners(report: Report, options: { wanted: Ownership; promised?: Promised | undefined }): void {
  const { wanted, promised } = options;
  for (const [key, kind, name] of [
    ['nouser', 'user', wanted.owner],
    ['nogroup', 'group', wanted.group],
  ] as const) {
    if (report.records(key).length > 0 && promised?.has(`${kind}:${name}`) !== true) {
      throw new ModuleFailure(`there is no ${kind} ${name} on the host`);
    }
  }
}

/** Differences of mode and ownership between what is there and what is wanted; `made` is what is made when there is nothing. */
export function ownershipChanges(
  found: PathState | undefined,
  wanted: Ownership,
  made: 'file' | 'directory' = 'file',
): readonly Change[] {
  const changes: Change[] = [];
  if (wanted.mode !== undefined && found?.kind !== 'link') {
    const after = wantedMode(wanted.mode, found, made);
    const before = found === undefined ? undefined : formatMode(found.mode);
    if (before !== after) changes.push({ part: 'mode', ...(before === undefined ? {} : { before }), after });
  }
  if (wanted.owner !== undefined && !matches(wanted.owner, { name: found?.owner, id: found?.uid })) {
    changes.push({ part: 'owner', ...(found === undefined ? {} : { before: found.owner }), after: wanted.owner });
  }
  if (wanted.group !== undefined && !matches(wanted.group, { name: found?.group, id: found?.gid })) {
    changes.push({ part: 'group', ...(found === undefined ? {} : { before: found.group }), after: wanted.group });
  }
  return changes;
}

/** Four octal digits a wanted mode means for what is there; a new file starts from 0644, a new folder from 0755. */
export function wantedMode(wanted: string, found: PathState | undefined, made: 'file' | 'directory' = 'file'): string {
  const directory = (found?.kind ?? made) === 'directory';
  return resolveMode(wanted, { current: found?.mode ?? (directory ? 0o755 : 0o644), directory });
}

/** Sets what `changes` names of mode, owner and group on an existing path. Ownership first: chown drops setuid. */
export async function setOwnership(
  host: HostWriter,
  options: { readonly path: string; readonly changes: readonly Change[] },
): Promise<void> {
  const steps = ownershipSteps(sh`${options.path}`, options.changes);
  if (steps.length === 0) return;
  succeeded(await host.run(joinShell(steps, ' && ')), { host, doing: `cannot set the ownership of ${options.path}` });
}

/** The commands that set what `changes` names; `word` is the path as a shell word. */
export function ownershipSteps(word: ShellText, changes: readonly Change[]): readonly ShellText[] {
  const after = (part: string): string | undefined => {
    const value = changes.find((change) => change.part === part)?.after;
    return typeof value === 'string' ? value : undefined;
  };
  const [owner, group, bits] = [after('owner'), after('group'), after('mode')];
  const steps: ShellText[] = [];
  if (owner !== undefined) steps.push(sh`chown -h -- ${owner} ${word}`);
  if (group !== undefined) steps.push(sh`chgrp -h -- ${group} ${word}`);
  if (bits !== undefined) steps.push(sh`chmod -- ${bits} ${word}`);
  return steps;
}

function isNumber(name: string): boolean {
  return /^\d+$/.test(name);
}

function matches(wanted: string, found: { name: string | undefined; id: number | undefined }): boolean {
  return found.name === wanted || (isNumber(wanted) && found.id === Number(wanted));
}
