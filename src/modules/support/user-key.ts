import { sh, shellSource, type ShellText } from '../../shell/text.js';
import { ModuleFailure, type HostWriter } from '../types.js';
import type { UserParams } from '../user.js';
import { accountLines } from './account-state.js';
import { succeeded } from './command-result.js';
import { parseReport, tell, type Report } from './report.js';

/** The key pair of a user, as it is found. */
export interface UserKey {
  readonly file: string;
  readonly exists: boolean;
  /** What a task registers of it. */
  readonly values: Readonly<Record<string, string>>;
}

/** Sets `$file` to the absolute path of the key; needs `$home`. */
const keyFile: ShellText = shellSource('case $file in /*) ;; *) file=$home/$file ;; esac');

function fileOf({ ssh_key_file: file, ssh_key_type: type }: UserParams): string {
  return file ?? `.ssh/id_${type}`;
}

/** Tells of the key pair of the user of `lookAtUser`, which comes before. A link to another file is not read. */
export function lookAtUserKey(params: UserParams): ShellText {
  if (!params.generate_ssh_key || params.state === 'absent') return sh`:`;
  return sh`if [ -n "$line" ]; then
  file=${fileOf(params)}; ${keyFile}
  public= print=
  if [ -f "$file.pub" ] && [ ! -L "$file.pub" ]; then
    public=$(head -n 1 -- "$file.pub"); print=$(ssh-keygen -l -f "$file.pub" 2>/dev/null)
  fi
  there=; if [ -e "$file" ] || [ -L "$file" ] || [ -e "$file.pub" ]; then there=yes; fi
  tell key "$file" "$there" "$public" "$print"
fi`;
}

/** What `lookAtUserKey` told. */
export function parseUserKey(report: Report): UserKey | undefined {
  const [file, there, line = '', fingerprint = ''] = report.records('key')[0] ?? [];
  if (file === undefined) return undefined;
  const isKey = /^(?:ssh|ecdsa|sk)-\S+ [A-Za-z0-9+/=]+(?: |$)/.test(line);
  const told = isKey ? { ssh_public_key: line, ssh_fingerprint: fingerprint } : {};
  return { file, exists: there === 'yes', values: { ssh_key_file: file, ...told } };
}

/**
 * Makes the key pair as the user itself, so that no link in its home folder leads root elsewhere. A passphrase goes
 * through standard input: ssh-keygen asks for it twice. Throws ModuleFailure with ssh-keygen's own words.
 */
export async function makeUserKey(host: HostWriter, params: UserParams): Promise<UserKey> {
  const { name, ssh_key_type: type, ssh_key_bits: bits, ssh_key_comment: comment, ssh_key_passphrase: secret } = params;
  const flags = [
    ...(bits === undefined || bits === 0 ? [] : ['-b', String(bits)]),
    ...(comment === undefined ? [] : ['-C', comment]),
    ...(secret === undefined ? ['-N', ''] : []),
  ];
  const account = sh`${accountLines}
user=${name}; line=$(account passwd "$user" | head -n 1); home=$(printf '%s' "$line" | cut -d: -f6)`;
  const making = sh`umask 077
command -v ssh-keygen >/dev/null 2>&1 || { echo 'the host has no ssh-keygen' >&2; exit 1; }
mkdir -p -- "\${file%/*}" || exit 1
umask 022
unset DISPLAY SSH_ASKPASS
away=; if command -v setsid >/dev/null 2>&1; then away=setsid; fi
exec $away ssh-keygen -q -t ${type} ${flags} -f "$file"`;
  host.progress(`making an ssh key for ${name}`);
  const reply = await host.run(
    sh`${account}
file=${fileOf(params)}; ${keyFile}
export file
if [ "$(id -u)" = "$(id -u "$user")" ]; then exec sh -c ${making.raw}; fi
exec su -s /bin/sh "$user" -c ${making.raw}`,
    { ownChannel: true, ...(secret === undefined ? {} : { stdin: Buffer.from(`${secret}\n${secret}\n`, 'utf8') }) },
  );
  succeeded(reply, { host, doing: `cannot make an ssh key for ${name}` });
  const { end, stdout, stderr } = await host.query(sh`${tell}
${account}
${lookAtUserKey(params)}`);
  const made = parseUserKey(parseReport({ code: end.kind === 'code' ? end.code : 1, stdout, stderr }));
  if (made?.exists !== true) throw new ModuleFailure(`ssh-keygen has made no key for ${name}`);
  return made;
}
