import { joinShell, sh, shellSource, type ShellText } from '../../shell/text.js';
import { ModuleFailure, type HostWriter } from '../types.js';
import { decodeOutput, outputValues, succeeded } from './command-result.js';

/** Exit code of our own script when a lock stayed taken. */
const lockedCode = 75;

/**
 * Waits until nobody holds a lock of dpkg or apt, at most `$wait` seconds by the host's own monotonic clock. The locks are
 * fcntl locks, which only the kernel's table tells; it also tells who holds them.
 */
const waitForLocks = shellSource(`uptime_seconds() { read -r up _ < /proc/uptime; up=\${up%.*}; }
lock_holder() {
  for lock in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock; do
    inode=$(stat -c %i "$lock" 2>/dev/null) || continue
    while read -r _ type _ _ pid place _; do
      [ "$type" = POSIX ] || continue
      case $place in *:"$inode") return 0 ;; esac
    done < /proc/locks
  done
  return 1
}
uptime_seconds; began=$up
while lock_holder; do
  uptime_seconds
  if [ $((up - began)) -ge "$wait" ]; then
    read -r who < "/proc/$pid/comm" || who='a process that is gone'
    echo "$lock is still held by process $pid ($who) after $wait seconds" >&2
    exit ${lockedCode}
  fi
  sleep 1
done`);

export interface AptStep {
  /** What the step does, for messages and progress: "installing nginx". */
  readonly doing: string;
  readonly command: ShellText;
}

export interface AptSettings {
  /** Seconds. */
  readonly lock_timeout: number;
  /** Options of dpkg without dashes; by default, settings that were changed on the host are kept. */
  readonly dpkg_options?: readonly string[];
}

/** Settings of every apt-get call: never asks, keeps changed configuration files, waits for locks itself as well. */
export function aptGet(settings: AptSettings, rest: ShellText): ShellText {
  const { lock_timeout: lockTimeout, dpkg_options: options = ['force-confdef', 'force-confold'] } = settings;
  return sh`DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true NEEDRESTART_MODE=l \
apt-get -q -y -o DPkg::Lock::Timeout=${lockTimeout} -o Acquire::Retries=3 \
${options.flatMap((one) => ['-o', `Dpkg::Options::=--${one}`])} ${rest}`;
}

/**
 * Runs package steps one after the other, each when no lock is held. Returns what the last one printed. Throws
 * ModuleFailure that names the holder of a lock, or with apt's own error lines.
 */
export async function runApt(
  host: HostWriter,
  options: { readonly steps: readonly AptStep[]; readonly lockTimeout: number },
): Promise<string> {
  let printed = '';
  for (const { doing, command } of options.steps) {
    host.progress(doing);
    const script = joinShell([
      sh`LC_ALL=C; export LC_ALL; wait=${Math.round(options.lockTimeout)}`,
      waitForLocks,
      command,
    ]);
    const reply = await host.run(script, { ownChannel: true });
    if (reply.end.kind === 'code' && reply.end.code !== 0 && reply.end.code !== lockedCode) {
      throw new ModuleFailure(`${doing}: ${errorLines(reply)}`, outputValues(reply));
    }
    printed = decodeOutput(succeeded(reply, { host, doing })).text;
    const broken =
      /^(?:W|E|Err:\d+).*(?:Failed to fetch|GPG error|not signed|Some index files failed|NO_PUBKEY).*$/m.exec(
        `${printed}\n${decodeOutput(reply.stderr).text}`,
      );
    if (broken !== null) throw new ModuleFailure(`${doing}: ${broken[0]}`, outputValues(reply));
  }
  return printed;
}

/** apt's `E:` lines say why; what dpkg said before them is the reason behind. */
function errorLines(reply: { readonly stdout: Buffer; readonly stderr: Buffer }): string {
  const stderr = decodeOutput(reply.stderr).text;
  const lines = stderr.split('\n').filter((line) => /^(?:E:|dpkg: error)/.test(line));
  return (lines.length > 0 ? lines.join(' ') : stderr || decodeOutput(reply.stdout).text.slice(-500)).trim();
}
