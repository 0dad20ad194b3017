import { joinShell, sh, type ShellText, shellSource } from '../shell/text.js';

/**
 * Where a host's lock lies: one place for all users, so that runs of different users see each other. One for each sshd
 * (its port is the last word of SSH_CONNECTION): several hosts of an inventory may share a machine.
 */
const usualLock = shellSource('/tmp/runner${SSH_CONNECTION:+.${SSH_CONNECTION##*[!0-9]}}.lock');

/** A lock that was not refreshed for so long is stale, by the host's own clock. Seconds. */
const staleAfter = 30;

/**
 * The lock is a file of four lines: token, boot id, time of the last sign of life (the host's own clock), holder. It
 * appears whole (a hard link to a finished file), is refreshed by a rename, and is taken over only under a second lock.
 */
const functions = shellSource(`
LC_ALL=C; export LC_ALL; umask 022
boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)
own=$lock.$token.$$
trap 'rm -f -- "$own"' EXIT
line() { sed -n "$1p" -- "$lock" 2>/dev/null; }
mine() { [ "$(line 1)" = "$token" ]; }
prepare() { rm -f -- "$own"; ( set -C; printf '%s\\n%s\\n%s\\n%s\\n' "$token" "$boot" "$(date +%s)" "$holder" > "$own" ) 2>/dev/null; }
stale() {
  [ "$(line 2)" = "$boot" ] || return 0
  now=$(date +%s); beat=$(line 3)
  case $beat in ''|*[!0-9]*) return 0;; esac
  [ $((now - beat)) -gt $stale_after ] || [ $((beat - now)) -gt $stale_after ]
}
takeover() {
  mkdir "$lock.take" 2>/dev/null || { find "$lock.take" -prune -mmin +1 -exec rmdir {} \\; 2>/dev/null; return 2; }
  taken=1
  if mine || stale; then prepare && mv -f -- "$own" "$lock" 2>/dev/null && taken=0; fi
  rmdir "$lock.take"
  return $taken
}
`);

const take = shellSource(`
for try in 1 2 3 4 5 6; do
  prepare || { echo free; exit 0; }
  if ln -- "$own" "$lock" 2>/dev/null; then echo taken; exit 0; fi
  if mine || stale; then
    takeover; failed=$?
    [ $failed = 0 ] && { echo taken; exit 0; }
    mine && { echo taken; exit 0; }
    # A lock that is nobody's and cannot be replaced hinders nobody; one that somebody else is just taking over does. So may
    # other users of this run that find it as irreplaceable, one after the other: hence the further tries.
    [ $failed = 1 ] && stale && [ "$try" -ge 3 ] && { echo free; exit 0; }
  elif mine; then
    # Another host of the run, on the same machine, took it between the two looks.
    echo taken; exit 0
  else
    printf 'held %s\\n' "$(line 4)"; exit 0
  fi
  sleep 1
done
printf 'held %s\\n' "$(line 4)"
`);

const refresh = shellSource(`
if mine; then prepare && mv -f -- "$own" "$lock" && echo taken || echo free; else printf 'held %s\\n' "$(line 4)"; fi
`);

const release = shellSource(`
mine && rm -f -- "$lock"
echo free
`);

export interface LockRequest {
  /** Names the run: taking a lock that the same run holds succeeds. */
  readonly token: string;
  /** Who, since when, which process: shown to whoever finds the lock. */
  readonly holder: string;
  /** Another place than the usual one, for tests. */
  readonly path?: string;
}

/** Prints `taken`, `held <holder>`, or `free` when the host has no place for a lock (a full or read-only disk). */
export function takeScript(request: LockRequest): ShellText {
  return script(request, take);
}

/** Tells the host that the run is still alive; prints as takeScript does. */
export function refreshScript(request: LockRequest): ShellText {
  return script(request, refresh);
}

/** Gives the lock back, if it is still the run's own. */
export function releaseScript(request: LockRequest): ShellText {
  return script(request, release);
}

function script(request: LockRequest, action: ShellText): ShellText {
  const holder = request.holder.replaceAll('\n', ' ');
  const settings = sh`lock=${request.path ?? usualLock} token=${request.token} holder=${holder} stale_after=${staleAfter}`;
  return joinShell([shellSource('('), settings, functions, action, shellSource(')')]);
}
