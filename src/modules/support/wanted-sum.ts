import { sh, type ShellText } from '../../shell/text.js';
import { lastName } from './http-message.js';

/** `sha256:` and the sum itself, or the address of a file of sums as `sha256sum` writes it. */
export const checksumForm = /^(?:md5|sha1|sha224|sha256|sha384|sha512):(?:[0-9a-fA-F]{32,128}|https?:\/\/\S+)$/;

export interface SumRequest {
  readonly checksum: string;
  /** Of the file itself: its last name is looked for among the sums. */
  readonly url: string;
  /** Seconds. */
  readonly timeout: number;
  readonly validate_certs: boolean;
}

/** The program that takes the sum. */
export function sumTool(checksum: string): string {
  return `${checksum.slice(0, checksum.indexOf(':'))}sum`;
}

/**
 * Sets `$wanted` to the sum a file shall have. A file of sums is read from its server each time, by curl or wget: the line
 * that names the file counts, or the only one there is. Ends the script with 1 when there is none.
 */
export function wantedSum({ checksum, url, timeout, validate_certs: checks }: SumRequest): ShellText {
  const said = checksum.slice(checksum.indexOf(':') + 1);
  if (!/^https?:/.test(said)) return sh`wanted=${said.toLowerCase()}`;
  return sh`file=${lastName(url)}; wanted=; count=0
if command -v curl >/dev/null 2>&1; then
  sums=$(curl -q -fsSL --globoff --proto =http,https --proto-redir =http,https --max-time ${timeout} ${checks ? [] : ['--insecure']} -- ${said}) || exit 1
else
  sums=$(wget -q -T ${timeout} ${checks ? [] : ['--no-check-certificate']} -O - -- ${said}) || { echo ${`cannot read ${said}`} >&2; exit 1; }
fi
while read -r sum name; do
  [ -n "$sum" ] || continue
  count=$((count + 1)); only=$sum
  name=\${name#[*]}
  case \${name#./} in "$file" | */"$file") wanted=$sum; break ;; esac
done <<END_OF_SUMS
$sums
END_OF_SUMS
if [ -z "$wanted" ] && [ "$count" -eq 1 ]; then wanted=$only; fi
case $wanted in
  '' | *[!0-9a-fA-F]*) echo ${`${said} holds no sum of `}"$file" >&2; exit 1 ;;
esac
wanted=$(printf %s "$wanted" | tr A-F a-f)`;
}
