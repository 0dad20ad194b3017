import { dirname } from 'node:path/posix';
import { quote } from '../shell/quote.js';
import type { WriteRequest } from './types.js';

/** The names of temporary files begin so; runs that were killed leave them, later runs remove those older than an hour. */
const temporaryPrefix = '.runner-';

export interface WriteScriptOptions {
  readonly request: WriteRequest;
  readonly size: number;
  /** Undefined: taken while the content is sent, compared by whoever sends it. */
  readonly sha256: string | undefined;
  /** Where the content comes from: a shell builtin's source that prints it, or the script's own stdin. */
  readonly content: { readonly kind: 'printed'; readonly source: string } | { readonly kind: 'stdin' };
  /** Identifies the run, in the temporary file's name. */
  readonly runId: string;
  readonly random: string;
  /** Where the old file is copied to; undefined: no backup. */
  readonly backup: string | undefined;
  /** Remove what killed runs left in this directory first. */
  readonly sweep: boolean;
}

/** A path that no command can take for an option. */
export function operand(path: string): string {
  return path.startsWith('/') ? path : `./${path}`;
}

/** The temporary file beside the target. */
export function temporaryPath(options: Pick<WriteScriptOptions, 'request' | 'runId' | 'random'>): string {
  const directory = dirname(operand(options.request.path));
  return `${directory === '/' ? '' : directory}/${temporaryPrefix}${options.runId}.tmp.${options.random}`;
}

/**
 * A script that writes one file whole or not at all: a temporary file beside the target, made by O_EXCL and 0600 from
 * its creation; size and SHA-256 checked; owner, then mode; validated; renamed over what the path names (a link is
 * replaced, never followed; a directory is refused). On a failure it prints the stage on stdout, the host's own words
 * on stderr, and ends with 1; on success it prints `backup` when there was an old file to copy; the temporary file is gone in any case.
 */
export function writeScript(options: WriteScriptOptions): string {
  return [...arrivingLines(options), ...placingLines(options)].join('\n');
}

/**
 * The first half of it, for a content whose sum is not known before: leaves the temporary file and prints its SHA-256, or
 * nothing where the host has no program for that.
 */
export function arriveScript(options: WriteScriptOptions): string {
  return [...arrivingLines(options), 'trap - EXIT', 'printf %s "${h%% *}"'].join('\n');
}

/** The second half, once the sums are equal. */
export function placeScript(options: WriteScriptOptions): string {
  return [...headLines(options), ...placingLines(options)].join('\n');
}

/** In place of the second half. */
export function discardScript(options: Pick<WriteScriptOptions, 'request' | 'runId' | 'random'>): string {
  return `rm -f -- ${quote(temporaryPath(options))}`;
}

function headLines(options: WriteScriptOptions): readonly string[] {
  return [
    `t=${quote(operand(options.request.path))}; n=${quote(temporaryPath(options))}`,
    'fail() { printf %s "$1"; exit 1; }',
    `trap 'rm -f -- "$n"' EXIT; trap 'exit 1' HUP INT PIPE TERM`,
    'if [ -d "$t" ] && [ ! -L "$t" ]; then echo "$t: is a directory" >&2; fail write; fi',
    ...strangerLines(dirname(operand(options.request.path))),
  ];
}

/**
 * Everybody may put a link or a file into a folder such as /tmp: what another user put there leads a write nowhere and gives
 * nothing on. The kernel has the same rule where fs.protected_symlinks is on, which not every host has.
 */
function strangerLines(directory: string): readonly string[] {
  const parts = directory.split('/').filter((part) => part !== '');
  const root = directory.startsWith('/') ? '/' : '';
  const folders = parts.map((_part, index) => quote(root + parts.slice(0, index + 1).join('/')));
  return [
    // Whether $2, in the folder $1, belongs to neither this user nor the folder's owner, and all may write to the folder.
    'strange() { case $(stat -Lc %a -- "$1") in [1357]??[2367]) ;; *) return 1 ;; esac',
    's=$(stat -c %u -- "$2") && [ "$s" != "$(id -u)" ] && [ "$s" != "$(stat -Lc %u -- "$1")" ]; }',
    ...(folders.length === 0
      ? []
      : [
          `for q in ${folders.join(' ')}; do if [ -L "$q" ] && strange "\${q%/*}/." "$q"; then`,
          'echo "$t: $q is a link that another user put into a folder all may write to" >&2; fail write; fi; done',
        ]),
  ];
}

function arrivingLines(options: WriteScriptOptions): readonly string[] {
  return [
    ...headLines(options),
    ...(options.sweep ? [sweepLine(dirname(operand(options.request.path)))] : []),
    'u=$(umask); umask 077; set -C',
    ...contentLines(options),
    'set +C; umask "$u"',
    ...checkLines(options),
  ];
}

function placingLines(options: WriteScriptOptions): readonly string[] {
  const { request, backup } = options;
  return [
    ...ownerLines(request),
    ...validateLines(request.validate, temporaryPath(options)),
    ...(backup === undefined
      ? []
      : [`b=; [ ! -f "$t" ] || { cp -p -- "$t" ${quote(backup)} && b=backup; } || fail rename`]),
    'mv -fT -- "$n" "$t" 2>/dev/null || { [ ! -d "$t" ] && mv -f -- "$n" "$t"; } || fail rename',
    ...(backup === undefined ? [] : ['printf %s "$b"']),
  ];
}

function sweepLine(directory: string): string {
  const names = `-name '${temporaryPrefix}*.tmp.*' -type f -mmin +60`;
  return `find ${quote(directory)} -maxdepth 1 ${names} -exec rm -f -- {} \\; 2>/dev/null`;
}

/**
 * What comes by stdin is large: it is summed on its way to the disk, at the same time, in place of reading it again.
 * That needs tee and /dev/fd (so a /proc); without them the file is read once more. openssl has the faster SHA-256.
 */
function contentLines({ content }: WriteScriptOptions): readonly string[] {
  if (content.kind === 'printed') {
    // A builtin has no words for a full disk: after a failure ask again through cat.
    return [
      `c() { ${content.source}; }`,
      '{ c >"$n"; } 2>/dev/null || { rm -f -- "$n"; c | cat >"$n" || fail write; }',
      'h=',
    ];
  }
  return [
    'k=; if command -v openssl >/dev/null; then k="openssl dgst -sha256 -r"; elif command -v sha256sum >/dev/null; then k=sha256sum; fi',
    'if [ -n "$k" ] && [ -p /dev/fd/0 ] && command -v tee >/dev/null; then',
    `h=$({ { tee /dev/fd/5 5>&1 >"$n" || printf 'write ' >&9; } | $k; } 9>&1)`,
    'case $h in write*) fail write ;; esac',
    'else h=; cat >"$n" || fail write; fi',
  ];
}

function checkLines(options: WriteScriptOptions): readonly string[] {
  // A tee of busybox says nothing of a full disk: one that has no room for more either says so to cat.
  const ask = options.content.kind === 'stdin' ? 'head -c 1048576 /dev/zero | cat >>"$n" || fail write; ' : '';
  const { sha256 } = options;
  return [
    's=$(wc -c <"$n") || fail check',
    `[ "$s" -eq ${String(options.size)} ] || { ${ask} echo "$n: $((s)) bytes arrived of ${String(options.size)}" >&2; fail check; }`,
    'if [ -n "$h" ]; then :',
    'elif command -v sha256sum >/dev/null; then h=$(sha256sum <"$n") || fail check',
    'elif command -v openssl >/dev/null; then h=$(openssl dgst -sha256 -r <"$n") || fail check',
    `else h=${sha256 ?? ''}; fi`,
    ...(sha256 === undefined
      ? []
      : [`case $h in ${sha256}*) ;; *) echo "$n: the content changed on its way (SHA-256)" >&2; fail check ;; esac`]),
  ];
}

function ownerLines(request: WriteRequest): readonly string[] {
  const { owner, group, mode } = request;
  const lines: string[] = [];
  const keeps = owner === undefined || mode === undefined;
  if (keeps)
    lines.push(
      'o=; if [ -f "$t" ] && ! strange "${t%/*}/." "$t"; then o=$(stat -Lc "%u:%g %a" -- "$t") || fail owner; fi',
    );
  // An ordinary user cannot keep another's ownership: as with any replaced file, it is then the writer's.
  if (owner === undefined) lines.push('[ -z "$o" ] || chown -h -- "${o% *}" "$n" 2>/dev/null || :');
  if (owner !== undefined || group !== undefined) {
    const who = `${owner ?? ''}${group === undefined ? '' : `:${group}`}`;
    lines.push(`chown -h -- ${quote(who)} "$n" || fail owner`);
  }
  // Mode after owner: chown clears the set-user-id bits. Without a mode a new file gets what the umask leaves.
  if (mode !== undefined) lines.push(`chmod -- ${quote(mode)} "$n" || fail owner`);
  else lines.push('if [ -n "$o" ]; then chmod -- "${o#* }" "$n"; else chmod =rw "$n"; fi || fail owner');
  return lines;
}

function validateLines(validate: string | undefined, temporary: string): readonly string[] {
  if (validate === undefined) return [];
  const command = validate.replaceAll('%s', () => quote(temporary));
  return [`( eval ${quote(command)} ) </dev/null >&2 || fail "validate $?"`];
}
