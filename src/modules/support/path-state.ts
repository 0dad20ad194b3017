import { shellSource, type ShellText } from '../../shell/text.js';
import { ModuleFailure } from '../types.js';
import type { Report } from './report.js';

export type PathKind = 'file' | 'directory' | 'link' | 'other';

/** What stands at a path of the host. */
export interface PathState {
  readonly kind: PathKind;
  /** Permission bits with setuid, setgid, sticky. */
  readonly mode: number;
  /** The kind's name as stat prints it ("fifo", "block special file"). */
  readonly kindName: string;
  readonly uid: number;
  readonly gid: number;
  /** Names; the number as text when there is none. */
  readonly owner: string;
  readonly group: string;
  readonly size: number;
  readonly inode: number;
  readonly device: number;
  readonly links: number;
  /** Seconds since 1970. */
  readonly modified: number;
  readonly accessed: number;
  readonly changed: number;
  readonly sha256?: string;
  /** Where a link points to, as it is written in the link. */
  readonly target?: string;
}

/**
 * Shell functions for looks (after `tell`): `look_at KEY PATH [FLAG]` tells stat's fields of a path under KEY, or only
 * `absent`; with FLAG `-L` links are followed. `look_sum KEY PATH [SIZE]` tells the SHA-256 of a regular file (from 10 MB on with openssl, which is faster),
 * `own_way PATH` ends the look when the way to it leads over a link that a stranger put into a folder such as /tmp (what the kernel's
 * fs.protected_symlinks forbids where it is on); `look_above PATH` tells `parent` when the folder that holds it is there (a process less than dirname). Anything but
 * "there is none" (no permission, an I/O error) ends the look with stat's own words.
 */
export const lookAt: ShellText = shellSource(`look_at() {
  if seen=$(stat \${3:+"$3"} -c '%f %u %g %s %i %d %h %Y %X %Z %U %G %F' -- "$2" 2>&1); then
    set -- "$1" "$2" "\${3-}" "$seen"
    if [ -z "$3" ] && [ -L "$2" ]; then
      seen=$(readlink -- "$2" && printf x)
      tell "$1" "$4" "\${seen%?x}"
    else tell "$1" "$4"; fi
    return 0
  fi
  case $seen in
    *': No such file or directory' | *': Not a directory') tell "$1" absent ;;
    *) printf '%s\\n' "$seen" >&2; exit 1 ;;
  esac
}
own_way() {
  way=$1
  while [ -n "$way" ]; do
    case $way in
      */) way=\${way%/}; continue ;;
      */*) above=\${way%/*} ;;
      *) above= ;;
    esac
    if [ -L "$way" ]; then
      case $way in /*) folder=$above/. ;; *) folder=\${above:-.} ;; esac
      case $(stat -Lc %a -- "$folder") in [1357]??[2367])
        by=$(stat -c %u -- "$way")
        if [ "$by" != "$(id -u)" ] && [ "$by" != "$(stat -Lc %u -- "$folder")" ]; then
          printf '%s\\n' "$1: $way is a link that another user put into a folder all may write to" >&2
          exit 1
        fi ;;
      esac
    fi
    way=$above
  done
}
look_above() {
  case $1 in
    ?*/) set -- "$(dirname -- "$1")" ;;
    ?*/*) set -- "\${1%/*}" ;;
    /*) set -- / ;;
    *) set -- . ;;
  esac
  if [ -d "$1" ]; then tell parent; fi
}
look_sum() {
  sum=sha256sum
  case \${3-} in ????????*) if command -v openssl > /dev/null; then sum='openssl dgst -sha256 -r'; fi ;; esac
  seen=$($sum < "$2") || exit 1
  tell "$1" "\${seen%% *}"
}`);

/** The state told by `look_at KEY`, undefined for absent. `sum` is the key of `look_sum`, if there was one. */
export function pathState(report: Report, key: string, sum?: string): PathState | undefined {
  const [fields, target] = report.records(key)[0] ?? [];
  const sha256 = sum === undefined ? undefined : report.word(sum);
  if (fields === undefined) return void report.need(key);
  return parseState({ fields, target, sha256 });
}

/** Parses one record of `look_at`. */
export function parseState(record: {
  fields: string;
  target?: string | undefined;
  sha256?: string | undefined;
}): PathState | undefined {
  const { fields, target, sha256 } = record;
  if (fields === 'absent') return undefined;
  const match = /^([0-9a-f]+) ((?:\d+ ){9})(\S+) (\S+) (.+)$/.exec(fields);
  if (!match) throw new ModuleFailure(`stat answered in a form that is not understood: ${JSON.stringify(fields)}`);
  const raw = Number.parseInt(match[1] ?? '', 16);
  const [uid = 0, gid = 0, size = 0, inode = 0, device = 0, links = 0, modified = 0, accessed = 0, changed = 0] = (
    match[2] ?? ''
  )
    .trim()
    .split(' ')
    .map(Number);
  return {
    kind: kindOf(raw),
    mode: raw & 0o7777,
    kindName: match[5] ?? '',
    uid,
    gid,
    owner: nameOr(match[3], uid),
    group: nameOr(match[4], gid),
    size,
    inode,
    device,
    links,
    modified,
    accessed,
    changed,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(target === undefined ? {} : { target }),
  };
}

function nameOr(name: string | undefined, id: number): string {
  return name === undefined || name === 'UNKNOWN' ? String(id) : name;
}

function kindOf(raw: number): PathKind {
  const type = raw & 0o170000;
  if (type === 0o100000) return 'file';
  if (type === 0o040000) return 'directory';
  return type === 0o120000 ? 'link' : 'other';
}
