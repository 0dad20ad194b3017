import { joinShell, sh, shellSource, type ShellText } from '../../shell/text.js';
import { ModuleFailure, type LookReply } from '../types.js';
import { parseState, type PathState } from './path-state.js';
import { parseReport, tell } from './report.js';

/** What an archive of the host holds, held against the folder it is unpacked into. */
export interface ArchiveFound {
  readonly kind: 'tar' | 'zip';
  /** Members, relative to the folder, without slashes at their ends. */
  readonly names: readonly string[];
  /** What stands in the folder under each name. */
  readonly states: readonly (PathState | undefined)[];
  /** What is not as in the archive, in a few words; undefined when nothing. */
  readonly differing: string | undefined;
}

/** Sets `$tar` and `$kind` by the archive's first bytes: not every tar finds out by itself. */
export const archiveKind: ShellText = shellSource(`kind=tar; tar=
case $(od -An -tx1 -N4 < "$a" | tr -d ' \\n') in
  504b0304 | 504b0506) kind=zip ;;
  1f8b*) tar=-z ;;
  425a68*) tar=-j ;;
  fd377a58) tar=-J ;;
  28b52ffd) tar=--zstd ;;
esac`);

/** Which members are meant, and the further words for tar. */
export interface ArchiveWords {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly extra: readonly string[];
}

/**
 * Looks at the archive `$a` and the folder `$d`; writes nothing. GNU tar compares itself, of another tar's listing the
 * sizes count; zip members are compared byte for byte.
 */
export function lookAtArchive(options: ArchiveWords & { readonly mode: boolean }): ShellText {
  const { include, exclude, extra } = options;
  const without = exclude.map((one) => `--exclude=${one}`);
  const words = [...namingWords(extra), ...without, ...(include.length === 0 ? [] : ['--', ...include])];
  const bits = options.mode || extra.includes('--no-same-permissions');
  // tar also looks at the folders that `--strip-components` leaves without a name.
  const ignored = `: (Uid|Gid|Mod time${bits ? '|Mode' : ''}) differs$|^tar: : Warning: Cannot stat: `;
  const zipped = [...include, ...(exclude.length === 0 ? [] : ['-x', ...exclude])];
  const plain = extra.length === 0 && include.length === 0 && exclude.length === 0;
  const inner = joinShell([
    tell,
    shellSource(`for one; do
  if state=$(stat -c '%f %u %g %s %i %d %h %Y %X %Z %U %G %F' -- "$one" 2>/dev/null); then tell state "$state"; else tell state absent; fi
done`),
  ]);
  return sh`${tell}
${archiveKind}
tell kind "$kind"
if [ "$kind" = zip ]; then
  ${extra.some((one) => /^-[^-]*j/.test(one)) ? sh`echo 'unzip -j gives members other names, which cannot be compared' >&2; exit 1` : sh`:`}
  command -v unzip >/dev/null 2>&1 && unzip -Z1 "$a" >/dev/null 2>&1 || { unzip -Z1 "$a" >/dev/null || echo 'the host has no unzip that lists names' >&2; exit 1; }
  names=$(unzip -Z1 "$a" ${zipped}) || exit 1
  if [ -d "$d" ]; then
    differing=$(printf '%s\\n' "$names" | while IFS= read -r one; do
      case $one in */) [ -d "$d/$one" ] || echo "$one" ;;
      *) [ -L "$d/$one" ] || unzip -p "$a" "$(printf '%s' "$one" | sed 's/[][*?\\\\]/\\\\&/g')" | cmp -s - "$d/$one" || echo "$one" ;; esac
    done | head -n 5)
  else differing=$d; fi
elif tar --version 2>/dev/null | grep -q GNU; then
  names=$(tar $tar -tf "$a" --quoting-style=literal --show-transformed-names -P ${words}) || exit 1
  ${extra.some((one) => one.startsWith('--strip-components')) ? sh`names=$(printf '%s\\n' "$names" | grep -vx /)` : sh`:`}
  if [ -d "$d" ]; then
    differing=$(tar $tar --diff -f "$a" -C "$d" ${words} 2>&1 | grep -vE ${ignored} | head -n 5)
  else differing=$d; fi
else
  ${plain ? sh`:` : sh`echo "the host's tar is not GNU tar: it cannot leave members out, and takes no further options" >&2; exit 1`}
  names=$(tar $tar -tf "$a") || exit 1
  tell listing "$(tar $tar -tvf "$a")"
  [ -d "$d" ] || differing=$d
fi
tell differing "$differing"
tell names "$names"
if [ -d "$d" ] && [ -n "$names" ]; then
  cd "$d" && printf '%s\\n' "$names" | tr '\\n' '\\0' | xargs -0 sh -c ${inner.raw} sh
  root=$(readlink -f .)
  printf '%s\\n' "$names" | sed -n 's|/[^/]*/*$||p' | sort -u | while IFS= read -r one; do
    real=$(readlink -f "$one" 2>/dev/null) || continue
    case $real/ in "\${root%/}"/*) ;; *) tell outside "$one" ;; esac
  done
fi
exit 0`;
}

/**
 * Those of the further words of tar that say how members are chosen and named. No others are for a look: there are some
 * that run programs or remove files.
 */
function namingWords(extra: readonly string[]): readonly string[] {
  const naming =
    /^--(?:strip-components|transform|xform|exclude.*|include|(?:no-)?(?:wildcards|wildcards-match-slash|anchored|ignore-case|recursion))(?:=|$)/;
  let isNaming = true;
  return extra.filter((one) => {
    if (one.startsWith('-')) isNaming = naming.test(one);
    return isNaming;
  });
}

/** Parses it. Throws ModuleFailure for an archive with a member that would land outside the folder. */
export function parseArchive(reply: LookReply): ArchiveFound {
  const report = parseReport(reply);
  const names = (report.word('names') ?? '').split('\n').filter((name) => name !== '');
  const leaving = names.find((name) => name.startsWith('/') || name.split('/').includes('..'));
  if (leaving !== undefined) throw new ModuleFailure(`the archive would write outside the folder: ${leaving}`);
  const outside = report.word('outside');
  if (outside !== undefined) throw new ModuleFailure(`${outside} in the folder is a link that leads out of it`);
  const told = report.records('state').map(([fields = 'absent']) => parseState({ fields }));
  const states = names.map((_name, index) => told[index]);
  const listing = report.word('listing');
  const differing = report.word('differing') ?? '';
  return {
    kind: report.need('kind') === 'zip' ? 'zip' : 'tar',
    names: names.map((name) => name.replace(/\/+$/, '')),
    states,
    differing: differing === '' ? differingSize({ names, states, listing }) : differing.split('\n')[0],
  };
}

/** The first member that is missing or a file of another size than in `tar -tv`. */
function differingSize(options: {
  readonly names: readonly string[];
  readonly states: readonly (PathState | undefined)[];
  readonly listing: string | undefined;
}): string | undefined {
  const lines = options.listing?.split('\n');
  return options.names.find((_name, index) => {
    const state = options.states[index];
    const [, type, size] = /^(.)\S+ \S+ +(\d+) /.exec(lines?.[index] ?? '') ?? [];
    return (
      state === undefined || (type === '-' && state.size !== Number(size) && !/ link to /.test(lines?.[index] ?? ''))
    );
  });
}
