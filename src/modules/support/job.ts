import { joinShell, sh, type ShellText, shellSource } from '../../shell/text.js';
import { type CommandReply, type LookReply, ModuleFailure } from '../types.js';

/**
 * A job is a command that goes on by itself on its host. It has a folder of its own (0700, below the home of the user it
 * runs as) with `stdout`, `stderr`, `pid`, and at its end `code` or `overrun`; a supervisor in a session of its own
 * writes them and ends the command's process group when its time is over.
 */
const jobsFolder = shellSource('"${HOME:-/tmp}"/.runner-jobs');

/** Jobs that nobody asked for in this many days are removed when another is started. */
const keptDays = 7;

const idPattern = /^[\w.-]{1,100}$/;

/** The id in the result of a task that was to leave a job and had nothing to do: it has ended, on every host. */
export const idleJob = 'none-was-needed';

export function isJobId(text: string): boolean {
  return idPattern.test(text);
}

const supervisor = `
if command -v setsid >/dev/null 2>&1; then set -- "$1" "$2" setsid; else set -- "$1" "$2"; fi
limit=$2; folder=$1; shift 2
"$@" sh "$folder/command" >"$folder/stdout" 2>"$folder/stderr" </dev/null &
pid=$!
echo "$pid" >"$folder/pid"
waited=0
while kill -0 "$pid" 2>/dev/null; do
  if [ "$waited" -ge "$limit" ]; then
    : >"$folder/overrun"
    kill -TERM "-$pid" 2>/dev/null || kill -TERM "$pid" 2>/dev/null
    sleep 2
    kill -KILL "-$pid" 2>/dev/null || kill -KILL "$pid" 2>/dev/null
    break
  fi
  sleep 1
  waited=$((waited + 1))
done
wait "$pid"
echo "$?" >"$folder/code.new"
rm -f "$folder/command"
mv "$folder/code.new" "$folder/code"
`;

/** Starts a job whose source is read from standard input; ends at once. */
export function startJobScript(options: { readonly id: string; readonly limitSeconds: number }): ShellText {
  const { id, limitSeconds } = options;
  return joinShell([
    shellSource('umask 077'),
    joinShell([shellSource('jobs='), jobsFolder], ''),
    sh`mkdir -p -- "$jobs" && chmod 700 "$jobs" && mkdir -- "$jobs"/${id} && cat > "$jobs"/${id}/command || exit 1`,
    sh`find "$jobs" -mindepth 1 -maxdepth 1 -type d -mtime ${`+${keptDays}`} -exec rm -rf {} + 2>/dev/null`,
    shellSource('own=$(command -v setsid 2>/dev/null)'),
    sh`nohup $own sh -c ${supervisor} runner-job "$jobs"/${id} ${limitSeconds} >/dev/null 2>&1 </dev/null &`,
    shellSource('exit 0'),
  ]);
}

/** How a job stands. */
export type JobState =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'running' }
  | { readonly kind: 'ended'; readonly reply: CommandReply };

/** More output than this of each stream is left out at its start. Bytes. */
const keptOutput = 5_000_000;

/** Asks how a job stands; only reads. */
export function jobStateScript(id: string): ShellText {
  return joinShell([
    joinShell([shellSource('job='), jobsFolder, sh`/${id}`], ''),
    sh`[ -d "$job" ] || { echo unknown; exit 0; }
[ -f "$job/code" ] || { echo running; exit 0; }
if [ -f "$job/overrun" ]; then echo overrun; else echo ended; fi
cat "$job/code"
out=$(tail -c ${keptOutput} "$job/stdout" | wc -c)
echo $out
tail -c ${keptOutput} "$job/stdout"
tail -c ${keptOutput} "$job/stderr"`,
  ]);
}

/** Reads what jobStateScript printed. `limitSeconds` is told when the job took too long. */
export function parseJobState(reply: LookReply, limitSeconds = 0): JobState {
  let offset = 0;
  const line = (): string => {
    const end = reply.stdout.indexOf(10, offset);
    if (end < 0) throw new ModuleFailure('the host did not tell how the job stands');
    const text = reply.stdout.toString('utf8', offset, end);
    offset = end + 1;
    return text;
  };
  const state = line();
  if (state === 'unknown' || state === 'running') return { kind: state };
  const code = Number(line());
  const size = Number(line());
  const stdout = reply.stdout.subarray(offset, offset + size);
  const stderr = reply.stdout.subarray(offset + size);
  const end =
    state === 'overrun' ? { kind: 'timeout' as const, seconds: limitSeconds } : { kind: 'code' as const, code };
  return { kind: 'ended', reply: { end, stdout, stderr } };
}

/** Removes what is left of a job that has ended. */
export function removeJobScript(id: string): ShellText {
  return joinShell([shellSource('rm -rf -- '), jobsFolder, sh`/${id}`], '');
}
