import { sh, shellSource, type ShellText } from '../../shell/text.js';
import { ModuleFailure, type HostWriter, type ModuleResult } from '../types.js';
import { placeCopy } from './copy-remote-place.js';
import { succeeded } from './command-result.js';
import type { TreeEntry, TreeFound, TreeParams, TreeSource } from './copy-tree.js';
import { changesOfEntry, ownershipOfEntry, pathOfEntry } from './copy-tree.js';
import { setOwnership, wantedMode } from './ownership.js';
import { lookAt, parseState } from './path-state.js';
import { pathWord } from './path-word.js';
import { formatMode } from './mode.js';
import { tell, type Report } from './report.js';

/** A folder of the host, and what stands where each of its parts would go. */
export interface RemoteTree {
  readonly source: TreeSource;
  readonly found: TreeFound;
}

const compareEach = shellSource(`${tell.raw}
${lookAt.raw}
s=$1 r=$2
shift 2
for f do
  n=\${f#"$s"}
  n=\${n#/}
  p=$r\${n:+/$n}
  if [ -d "$f" ]; then tell node directory "$n"
  elif [ -f "$f" ]; then tell node file "$n"
  else tell node other "$n"; fi
  look_at from "$f" -L
  if [ -f "$f" ]; then look_sum fromsum "$f"; else tell fromsum none; fi
  look_at to "$p"
  if [ -f "$p" ] && [ ! -L "$p" ]; then look_sum tosum "$p"; else tell tosum none; fi
done`);

/**
 * For a look in which `$s` is a folder of the host: tells everything in it, links followed, beside what stands at the
 * destination. Without a `/` at its end the folder itself is copied into the destination, else what it holds.
 */
export function lookAtRemoteTree(options: { readonly src: string; readonly dest: string }): ShellText {
  const { src, dest } = options;
  const name = src.endsWith('/') ? '' : (src.split('/').at(-1) ?? '');
  return sh`r=${pathWord(dest)}
r="\${r%/}"${name === '' ? sh`` : sh`/${name}`}
tell root "$r"
case $s in ?*/) s=\${s%/} ;; esac
find -L "$s" -exec sh -c ${compareEach.raw} sh "$s" "$r" {} + || exit 1`;
}

/** Throws ModuleFailure for what is neither a file nor a folder. */
export function parseRemoteTree(report: Report, sourcePath: string): RemoteTree | undefined {
  const root = report.word('root');
  if (root === undefined) return undefined;
  const source = sourcePath.length > 1 ? sourcePath.replace(/\/$/, '') : sourcePath;
  const entries = report.records('node').map(([kind, path = ''], index): TreeEntry => {
    if (kind === 'directory') return { kind, path };
    const at = `${source}/${path}`;
    const [fields = 'absent'] = report.records('from')[index] ?? [];
    const state = parseState({ fields });
    if (kind !== 'file' || state === undefined)
      throw new ModuleFailure(`${at} is neither a file nor a folder: it cannot be copied`);
    const [sha256 = ''] = report.records('fromsum')[index] ?? [];
    return { kind, path, source: at, size: state.size, sha256, mode: state.mode };
  });
  const states = entries.map((_, index) => {
    const [fields = 'absent', target] = report.records('to')[index] ?? [];
    const [sum] = report.records('tosum')[index] ?? [];
    return parseState({ fields, target, ...(sum === 'none' ? {} : { sha256: sum }) });
  });
  return { source: { entries }, found: { root, states, report } };
}

/** Copies what differs, folders first. */
export async function writeRemoteTree(
  host: HostWriter,
  options: { readonly params: TreeParams; readonly tree: RemoteTree },
): Promise<ModuleResult> {
  const { params, tree } = options;
  const { entries } = tree.source;
  for (const [index, entry] of entries.entries()) {
    const state = tree.found.states[index];
    const changes = changesOfEntry(entry, { state, params });
    if (changes.length === 0) continue;
    const path = pathOfEntry(tree.found, entry);
    host.progress(`copying ${entry.path || path} (${index + 1}/${entries.length})`);
    const isContent = changes.some(({ part }) => part === 'content');
    if (entry.kind === 'directory' && state === undefined)
      succeeded(await host.run(sh`mkdir -p -- ${path}`), { host, doing: `cannot make the folder ${path}` });
    if (entry.kind === 'directory' || !isContent) {
      await setOwnership(host, { path, changes });
      continue;
    }
    const { mode, owner, group } = ownershipOfEntry(entry, params);
    const bits = mode === undefined ? formatMode(state?.mode ?? 0o644) : wantedMode(mode, state);
    await placeCopy(host, {
      from: entry.source,
      to: path,
      bits,
      owner,
      group,
      backup: params.backup && state !== undefined,
    });
  }
  return { values: { dest: tree.found.root } };
}
