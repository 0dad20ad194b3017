import { joinShell, sh, type ShellText } from '../../shell/text.js';
import type { Change } from '../types.js';
import type { UserParams } from '../user.js';
import { accountLines } from './account-state.js';

/** The command that makes a user, of the shadow suite or of busybox. */
export function addUser(params: UserParams, tool: string): ShellText {
  const { name, uid, group, groups, comment, home, shell, system, create_home: createHome } = params;
  const { non_unique: nonUnique, skeleton, umask } = params;
  if (tool === 'shadow') {
    const flags = [
      ...flag('-u', uid),
      ...flag('-g', group),
      ...(groups === undefined || groups.length === 0 ? [] : ['-G', groups.join(',')]),
      ...flag('-c', comment),
      ...flag('-d', home),
      ...flag('-s', shell),
      ...(system ? ['-r'] : []),
      ...(nonUnique ? ['-o'] : []),
      ...flag('-k', skeleton),
      ...(umask === undefined ? [] : ['-K', `UMASK=${umask}`]),
      createHome ? '-m' : '-M',
    ];
    return sh`useradd ${flags} -- ${name}`;
  }
  const flags = [
    '-D',
    ...flag('-u', uid),
    ...flag('-G', group),
    ...flag('-g', comment),
    ...flag('-h', home),
    ...flag('-s', shell),
    ...(system ? ['-S'] : []),
    ...(createHome ? [] : ['-H']),
  ];
  return joinShell(
    [sh`adduser ${flags} -- ${name}`, ...(groups ?? []).map((one) => sh`addgroup -- ${name} ${one}`)],
    ' && ',
  );
}

/** The commands that bring about the changes of an existing user. */
export function changeUser(
  params: UserParams,
  options: { readonly tool: string; readonly changes: readonly Change[] },
): ShellText {
  const { tool, changes } = options;
  const { name } = params;
  const after = (part: string): string | number | undefined => {
    const value = changes.find((change) => change.part === part)?.after;
    if (Array.isArray(value)) return value.join(',');
    return typeof value === 'string' || typeof value === 'number' ? value : undefined;
  };
  const flags = [
    ...flag('-u', after('uid')),
    ...(after('uid') !== undefined && params.non_unique ? ['-o'] : []),
    ...flag('-g', after('group')),
    ...flag('-G', after('groups')),
    ...flag('-c', after('comment')),
    ...(after('home') === undefined ? [] : ['-d', String(after('home')), ...(params.move_home ? ['-m'] : [])]),
    ...flag('-s', after('shell')),
  ];
  const steps: ShellText[] = [];
  if (flags.length > 0 && tool === 'shadow') steps.push(sh`usermod ${flags} -- ${name}`);
  if (flags.length > 0 && tool !== 'shadow') {
    steps.push(sh`{ command -v usermod >/dev/null || { echo 'the host has no usermod, so a user cannot be changed' >&2; false; }; }
usermod ${flags} -- ${name}`);
  }
  const needsHome = after('home folder') !== undefined || (after('home') !== undefined && params.create_home);
  if (needsHome) steps.push(makeHome(params));
  return steps.length === 0 ? sh`:` : joinShell(steps, ' && ');
}

export function removeUser(params: UserParams, tool: string): ShellText {
  const { name, remove, force } = params;
  if (tool === 'shadow') return sh`userdel ${[...(remove ? ['-r'] : []), ...(force ? ['-f'] : [])]} -- ${name}`;
  return sh`deluser ${remove ? ['--remove-home'] : []} ${name}`;
}

/** Makes the home folder of an existing user as useradd does: from /etc/skel, for nobody else to write. */
function makeHome({ name, skeleton = '/etc/skel' }: UserParams): ShellText {
  return sh`{ ${accountLines}
name=${name}; skeleton=${skeleton}; home=$(account passwd "$name" | head -n 1 | cut -d: -f6)
[ -d "$home" ] || {
  mkdir -p -- "$home" && { [ ! -d "$skeleton" ] || cp -R "$skeleton"/. "$home"; } &&
  chown -hR -- "$name:$(id -g "$name")" "$home" && chmod 0700 "$home"
}
}`;
}

function flag(name: string, value: string | number | undefined): readonly string[] {
  return value === undefined ? [] : [name, String(value)];
}
