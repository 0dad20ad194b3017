import { createHash } from 'node:crypto';
import { joinShell, sh, type ShellText } from '../../shell/text.js';
import { folderResources, treeResource } from '../promises.js';
import {
  ModuleFailure,
  type Change,
  type Comparison,
  type Controller,
  type HostWriter,
  type LookReply,
  type ModuleResult,
  type Promised,
} from '../types.js';
import { succeeded } from './command-result.js';
import { plainBytes } from './decrypt.js';
import {
  lookAtOwners,
  ownershipChanges,
  requireOwners,
  setOwnership,
  wantedMode,
  type Ownership,
} from './ownership.js';
import { lookAt, parseState, type PathState } from './path-state.js';
import { pathWord } from './path-word.js';
import { parseReport, tell, type Report } from './report.js';
import { formatMode } from './mode.js';

/** A folder of the controller to be copied, with the size and SHA-256 of each file. */
export interface TreeSource {
  readonly entries: readonly TreeEntry[];
}

export type TreeEntry =
  | { readonly kind: 'directory'; readonly path: string }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly source: string;
      readonly size: number;
      readonly sha256: string;
      readonly mode: number;
      /** The plain bytes of a source that is encrypted. */
      readonly plain?: Buffer;
    };

export interface TreeFound {
  readonly root: string;
  readonly states: readonly (PathState | undefined)[];
  readonly report: Report;
}

export interface TreeParams extends Ownership {
  readonly dest: string;
  readonly directory_mode?: string | undefined;
  readonly force: boolean;
  readonly backup: boolean;
}

/** Reads a folder of the controller; `into` is the folder below the destination that it becomes ("" for its contents). */
export async function readTree(
  controller: Controller,
  options: { root: string; into: string; decrypt: boolean },
): Promise<TreeSource> {
  const { root, into, decrypt } = options;
  const place = (path: string): string => [into, path].filter((part) => part !== '').join('/');
  const entries: TreeEntry[] = [{ kind: 'directory', path: '' }];
  if (into !== '') entries.push({ kind: 'directory', path: into });
  for (const item of await controller.tree(root)) {
    const source = `${root.replace(/\/+$/, '')}/${item.path}`;
    if (item.kind === 'link')
      throw new ModuleFailure(`${source} is a link to nowhere, or to a folder it is in: it cannot be copied`);
    if (item.kind === 'directory') entries.push({ kind: 'directory', path: place(item.path) });
    else {
      const print = await controller.fingerprint(source);
      const plain = await plainBytes(controller, { path: source, decrypt });
      const content = plain === undefined ? {} : { plain, size: plain.length, sha256: sha256Of(plain) };
      entries.push({ kind: 'file', path: place(item.path), source, ...print, ...content });
    }
  }
  return { entries };
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function lookAtTree(params: TreeParams, tree: TreeSource): ShellText {
  const looks = tree.entries.map(({ kind, path }) => (kind === 'directory' ? sh`at ${path}` : sh`at ${path} && sum`));
  return sh`${tell}
${lookAt}
root=${pathWord(params.dest)}
root="\${root%/}"
own_way "$root"
tell root "$root"
${lookAtOwners(params)}
at() { p=$root\${1:+/$1}; look_at entry "$p"; }
sum() { if [ -f "$p" ] && [ ! -L "$p" ]; then look_sum sum "$p"; else tell sum none; fi; }
${joinShell(looks)}`;
}

export function parseTree(reply: LookReply, tree: TreeSource): TreeFound {
  const report = parseReport(reply);
  const entries = report.records('entry');
  const sums = report.records('sum').map(([sum]) => sum);
  let file = 0;
  const states = tree.entries.map((entry, index) => {
    const [fields = 'absent', target] = entries[index] ?? [];
    return parseState({ fields, target, sha256: entry.kind === 'file' ? sums[file++] : undefined });
  });
  return { root: report.need('root'), states, report };
}

export function compareTree(
  found: TreeFound,
  options: { readonly params: TreeParams; readonly tree: TreeSource; readonly promised?: Promised | undefined },
): Comparison {
  const { params, tree } = options;
  requireOwners(found.report, { wanted: params, promised: options.promised });
  const changes = tree.entries.flatMap((entry, index) => {
    const state = found.states[index];
    const differing = changesOfEntry(entry, { state, params });
    return differing.map((change) => ({ ...change, part: `${entry.path || '.'}: ${change.part}` }));
  });
  const values = { dest: found.root };
  if (changes.length === 0) return { kind: 'same', values };
  return {
    kind: 'change',
    changes,
    values,
    provides: [treeResource(found.root), ...folderResources(found.root)],
  };
}

/** Writes what differs, folders first, as `entries` lists them. */
export async function writeTree(
  host: HostWriter,
  options: { readonly params: TreeParams; readonly tree: TreeSource; readonly found: TreeFound },
): Promise<ModuleResult> {
  const { params, tree, found } = options;
  for (const [index, entry] of tree.entries.entries()) {
    const state = found.states[index];
    const changes = changesOfEntry(entry, { state, params });
    const path = pathOfEntry(found, entry);
    if (changes.length > 0) {
      host.progress(`copying ${entry.path || path} (${index + 1}/${tree.entries.length})`);
      await writeEntry(host, { entry, path, changes, state, params });
    }
  }
  return { values: { dest: found.root } };
}

/** Where one part of a tree goes. */
export function pathOfEntry(found: TreeFound, entry: TreeEntry): string {
  return entry.path === '' ? found.root : `${found.root}/${entry.path}`;
}

interface EntryOptions {
  readonly state: PathState | undefined;
  readonly params: TreeParams;
}

/** What of one part of a tree differs. Throws ModuleFailure for what cannot be replaced. */
export function changesOfEntry(entry: TreeEntry, { state, params }: EntryOptions): readonly Change[] {
  const wanted = ownershipOfEntry(entry, params);
  if (entry.kind === 'directory') {
    if (state !== undefined && state.kind !== 'directory' && state.kind !== 'link') {
      throw new ModuleFailure(`${entry.path || params.dest} is no directory on the host`);
    }
    const made: readonly Change[] =
      state === undefined ? [{ part: 'state', before: 'absent', after: 'directory' }] : [];
    return [...made, ...ownershipChanges(state, wanted)];
  }
  if (state?.kind === 'directory') throw new ModuleFailure(`${entry.path} is a directory on the host, not a file`);
  if (state !== undefined && !params.force) return [];
  const content: readonly Change[] =
    state?.sha256 === entry.sha256
      ? []
      : [{ part: 'content', ...(state ? { before: `${state.size} bytes` } : {}), after: `${entry.size} bytes` }];
  return [...content, ...ownershipChanges(state?.kind === 'link' ? undefined : state, wanted)];
}

/** The mode and owner that one part of a tree is to have. */
export function ownershipOfEntry(entry: TreeEntry, params: TreeParams): Ownership {
  const { owner, group } = params;
  if (entry.kind === 'directory') return { owner, group, mode: params.directory_mode };
  return { owner, group, mode: params.mode === 'preserve' ? formatMode(entry.mode) : params.mode };
}

async function writeEntry(
  host: HostWriter,
  options: EntryOptions & {
    readonly entry: TreeEntry;
    readonly path: string;
    readonly changes: readonly Change[];
  },
): Promise<void> {
  const { entry, path, changes, state, params } = options;
  if (entry.kind === 'directory') {
    if (state === undefined) {
      succeeded(await host.run(sh`mkdir -p -- ${path}`), { host, doing: `cannot make the folder ${path}` });
    }
    return setOwnership(host, { path, changes });
  }
  if (!changes.some((change) => change.part === 'content')) return setOwnership(host, { path, changes });
  const { mode, owner, group } = ownershipOfEntry(entry, params);
  await host.writeFile({
    path,
    source:
      entry.plain === undefined
        ? { kind: 'file', path: entry.source, size: entry.size, sha256: entry.sha256 }
        : { kind: 'bytes', bytes: entry.plain },
    ...(mode === undefined ? {} : { mode: wantedMode(mode, state) }),
    ...(owner === undefined ? {} : { owner }),
    ...(group === undefined ? {} : { group }),
    ...(params.backup && state !== undefined ? { backup: true } : {}),
  });
}
