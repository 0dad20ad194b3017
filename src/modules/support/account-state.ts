import { sh, type ShellText } from '../../shell/text.js';
import type { Report } from './report.js';
import { parseAging, type Aging } from './user-aging.js';

/** One user of a host, as /etc/passwd and /etc/shadow have it. */
export interface UserState {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** The primary group's name. */
  readonly group: string;
  /** Supplementary groups. */
  readonly groups: readonly string[];
  readonly comment: string;
  readonly home: string;
  readonly shell: string;
  /** The password hash; undefined when the looking user may not read it. */
  readonly password: string | undefined;
  /** Undefined when the looking user may not read it. */
  readonly aging?: Aging;
  readonly homeExists: boolean;
}

/** Shell functions that read the account files, through getent where there is one (LDAP and the like). */
export const accountLines: ShellText = sh`account() {
  if command -v getent >/dev/null 2>&1; then getent "$1" "$2"
  else while IFS= read -r line; do case $line in "$2":*) printf '%s\\n' "$line" ;; esac; done < "/etc/$1"; fi
}`;

/** Tells a user's line, groups and password hash. */
export function lookAtUser(name: string): ShellText {
  return sh`${accountLines}
user=${name}
line=$(account passwd "$user" | head -n 1)
if [ -n "$line" ]; then
  tell user "$line"
  tell groups "$(id -Gn -- "$user" 2>/dev/null || id -Gn "$user")" "$(id -gn -- "$user" 2>/dev/null || id -gn "$user")"
  if [ -r /etc/shadow ]; then
    shadow=$(account shadow "$user" | head -n 1)
    tell shadow "$(printf '%s' "$shadow" | cut -d: -f2)" "$(printf '%s' "$shadow" | cut -d: -f4,5,8)"
  fi
  home=$(printf '%s' "$line" | cut -d: -f6)
  if [ -d "$home" ]; then tell home; fi
fi
if command -v useradd >/dev/null 2>&1; then tell tool shadow
elif command -v adduser >/dev/null 2>&1; then tell tool busybox; else tell tool none; fi`;
}

/** The user told by `lookAtUser`, undefined when there is none. */
export function parseUser(report: Report): UserState | undefined {
  const line = report.word('user');
  if (line === undefined) return undefined;
  const [name = '', , uid, gid, comment = '', home = '', shell = ''] = line.split(':');
  const [all = '', primary = ''] = report.records('groups')[0] ?? [];
  const aging = report.records('shadow')[0]?.[1];
  const names = all.split(' ').filter((one) => one !== '');
  return {
    name,
    uid: Number(uid),
    gid: Number(gid),
    group: primary,
    groups: names.filter((one) => one !== primary),
    comment,
    home,
    shell,
    password: report.word('shadow'),
    ...(aging === undefined ? {} : { aging: parseAging(aging) }),
    homeExists: report.records('home').length > 0,
  };
}
