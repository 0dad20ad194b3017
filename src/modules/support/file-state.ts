import { posix } from 'node:path';
import { pathResource } from '../promises.js';
import { ModuleFailure, type Change, type Promised } from '../types.js';
import { ownershipChanges, type Ownership } from './ownership.js';
import type { PathState } from './path-state.js';
import { memberChange } from './tree-ownership.js';

/** What the `file` module wants of a path. */
export interface FileWish extends Ownership {
  readonly state?: 'file' | 'directory' | 'link' | 'hard' | 'touch' | 'absent' | undefined;
  readonly src?: string | undefined;
  readonly recurse: boolean;
  readonly force: boolean;
  readonly follow: boolean;
  readonly access_time: 'now' | 'preserve';
  readonly modification_time: 'now' | 'preserve';
}

/** What was found at the path. */
export interface FileFound {
  readonly path: string;
  /** The path itself; a link is not followed. */
  readonly own: PathState | undefined;
  /** What a link at the path leads to; undefined when there is no link or it leads nowhere. */
  readonly reached: PathState | undefined;
  /** The source of a hard link, or what the wanted link would lead to. */
  readonly source: PathState | undefined;
  /** An empty folder; only told where a link may take its place. */
  readonly empty: boolean;
  /** Whether the folder above exists. */
  readonly parent: boolean;
  /** For `recurse`: the folder and everything below it. */
  readonly members: readonly PathState[];
}

/** What would change; throws ModuleFailure for what cannot be done. */
export function fileChanges(found: FileFound, wish: FileWish, promised: Promised | undefined): readonly Change[] {
  const { own, path } = found;
  switch (wish.state) {
    case 'absent':
      if (/^(?:\/|\.|(?:\.\.\/?)+)$/.test(posix.normalize(path)))
        throw new ModuleFailure(`${path} is not removed by this module`);
      return own === undefined ? [] : [{ part: 'state', before: own.kind, after: 'absent' }];
    case 'directory':
      return directoryChanges(found, wish);
    case 'touch':
      return touchChanges(found, { wish, promised });
    case 'link':
    case 'hard':
      return linkChanges(found, { wish, promised });
    case 'file':
    case undefined: {
      const there = effective(found, wish);
      if (there === undefined && promised?.has(pathResource(path)) !== true) {
        throw new ModuleFailure(`${path} does not exist: \`state: touch\` or the copy module makes a file`);
      }
      if (wish.state === 'file' && there?.kind === 'directory')
        throw new ModuleFailure(`${path} is a directory, not a file`);
      return ownershipChanges(there, wish);
    }
  }
}

function directoryChanges(found: FileFound, wish: FileWish): readonly Change[] {
  const there = effective(found, wish);
  if (there === undefined && found.own === undefined) {
    return [{ part: 'state', before: 'absent', after: 'directory' }, ...ownershipChanges(undefined, wish, 'directory')];
  }
  if (there?.kind !== 'directory')
    throw new ModuleFailure(`${found.path} is a ${(there ?? found.own)?.kindName}, not a directory`);
  if (!wish.recurse) return ownershipChanges(there, wish);
  const change = memberChange(found.members, wish);
  return change === undefined ? [] : [change];
}

function touchChanges(
  found: FileFound,
  options: { readonly wish: FileWish; readonly promised: Promised | undefined },
): readonly Change[] {
  const { wish, promised } = options;
  const there = effective(found, wish);
  if (there === undefined) {
    requireParent(found, promised);
    return [{ part: 'state', before: 'absent', after: 'file' }, ...ownershipChanges(undefined, wish)];
  }
  const changes = ownershipChanges(there, wish);
  if (wish.access_time === 'preserve' && wish.modification_time === 'preserve') return changes;
  return [{ part: 'times', after: 'now' }, ...changes];
}

function linkChanges(
  found: FileFound,
  options: { readonly wish: FileWish; readonly promised: Promised | undefined },
): readonly Change[] {
  const { wish, promised } = options;
  const { own, source } = found;
  const src = wish.src ?? '';
  const isSymbolic = wish.state === 'link';
  const done = isSymbolic ? own?.kind === 'link' && own.target === src : isSameFile(own, source);
  const owners = ownershipChanges(own?.kind === 'link' && done ? own : undefined, {
    owner: wish.owner,
    group: wish.group,
  });
  if (done) return isSymbolic ? owners : [];
  const sourceWillBe = source !== undefined || promised?.has(pathResource(src)) === true;
  if (!sourceWillBe && !(isSymbolic && wish.force)) {
    throw new ModuleFailure(
      `${src} does not exist on the host${isSymbolic ? ': `force: true` makes the link all the same' : ''}`,
    );
  }
  if (own === undefined) requireParent(found, promised);
  else refuseLoss(found, { own, wish });
  const before = own === undefined ? 'absent' : (own.target ?? own.kind);
  return [{ part: isSymbolic ? 'link' : 'hard link', before, after: src }, ...(isSymbolic ? owners : [])];
}

/** A link never takes the place of a folder that holds something, and of anything else but a link only by `force`. */
function refuseLoss(found: FileFound, options: { readonly own: PathState; readonly wish: FileWish }): void {
  const { own, wish } = options;
  if (own.kind === 'link') return;
  if (own.kind === 'directory' && !found.empty) {
    throw new ModuleFailure(`${found.path} is a directory that is not empty: it is not replaced by a link`);
  }
  if (!wish.force) throw new ModuleFailure(`${found.path} is a ${own.kindName}: \`force: true\` replaces it by a link`);
}

function requireParent(found: FileFound, promised: Promised | undefined): void {
  const parent = found.path.replace(/\/+[^/]*$/, '') || '/';
  if (!found.parent && promised?.has(pathResource(parent)) !== true) {
    throw new ModuleFailure(`the folder ${parent} does not exist on the host`);
  }
}

/** What mode and owner are taken from: through a link when `follow` says so. */
function effective(found: FileFound, wish: FileWish): PathState | undefined {
  return wish.follow && found.own?.kind === 'link' ? found.reached : found.own;
}

function isSameFile(left: PathState | undefined, right: PathState | undefined): boolean {
  return left !== undefined && right !== undefined && left.inode === right.inode && left.device === right.device;
}
