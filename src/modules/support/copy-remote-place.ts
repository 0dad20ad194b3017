import { sh } from '../../shell/text.js';
import type { HostWriter } from '../types.js';
import { succeeded } from './command-result.js';

/**
 * Copies a file of the host beside the target, sets mode and owner, checks, renames: a reader never sees half a file.
 * Gives the path of the backup, when there is one.
 */
export async function placeCopy(
  host: HostWriter,
  file: {
    readonly from: string;
    readonly to: string;
    /** Four octal digits. */
    readonly bits: string;
    readonly owner: string | undefined;
    readonly group: string | undefined;
    readonly backup: boolean;
    readonly validate?: string | undefined;
  },
): Promise<string | undefined> {
  const { from, to, bits, owner, group, validate } = file;
  const backup = file.backup ? `${to}.${timestamp()}~` : undefined;
  const script = sh`p=${to}
t=$(mktemp "\${p%/*}/.runner.XXXXXX") || exit 1
trap 'rm -f -- "$t"' EXIT
cat < ${from} > "$t" || exit 1
${owner === undefined ? sh`:` : sh`chown -- ${owner} "$t" || exit 1`}
${group === undefined ? sh`:` : sh`chgrp -- ${group} "$t" || exit 1`}
chmod -- ${bits} "$t" || exit 1
${validate === undefined ? sh`:` : sh`sh -c ${validate.replaceAll('%s', '"$1"')} sh "$t" || exit 1`}
${backup === undefined ? sh`:` : sh`cp -p -- "$p" ${backup} || exit 1`}
mv -f -- "$t" "$p"`;
  succeeded(await host.run(script), { host, doing: `cannot copy ${from} to ${to}` });
  return backup;
}

function timestamp(): string {
  return new Date().toISOString().replace(/[:.]/g, '-');
}
