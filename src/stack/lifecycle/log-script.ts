import { sh, type ShellText } from '../../shell/text.js';
import type { OperatedName } from './components.js';

/** Everything that has a log of its own. */
export type LoggedName = OperatedName | 'haproxy';

/** Whether its log is a container's. */
export function isContainer(name: LoggedName): boolean {
  return name !== 'docker' && name !== 'rsyslog' && name !== 'haproxy';
}

/** What of a log is wanted. */
export interface LogWish {
  readonly follow: boolean;
  /** What Docker and journalctl understand: a time, or how long ago ("10m"). */
  readonly since?: string;
  /** Lines from the end, or `all`. */
  readonly tail: string;
}

/** Prints a component's log, each line with its time in front: a service's own journal, a container's two streams as one, or a file. */
export function logScript(
  component: LoggedName,
  { place, wish }: { readonly place: string; readonly wish: LogWish },
): ShellText {
  const { follow, since, tail } = wish;
  if (component === 'haproxy') return fileScript(place, wish);
  if (component === 'docker' || component === 'rsyslog') {
    const flags = [...(follow ? ['--follow'] : []), ...(since === undefined ? [] : ['--since', journalTime(since)])];
    const lines = ['--lines', tail];
    return sh`exec journalctl --unit ${component} --no-pager --output short-iso-precise --quiet ${[...lines, ...flags]} 2>&1`;
  }
  const flags = [...(follow ? ['--follow'] : []), ...(since === undefined ? [] : ['--since', since])];
  return sh`exec docker logs --timestamps --tail ${tail} ${flags} ${place} 2>&1`;
}

/** By its name, also when the file is put aside at night and begun anew. A file of syslog has no times that could be compared, so `since` shows it from its end. */
function fileScript(file: string, { follow, tail }: LogWish): ShellText {
  const lines = tail === 'all' ? '+1' : tail;
  const missing = `${file} does not exist: HAProxy has said nothing yet, or the role rsyslog has not run here`;
  return follow
    ? sh`exec tail -n ${lines} -F -- ${file} 2>/dev/null`
    : sh`if [ -e ${file} ]; then exec tail -n ${lines} -- ${file}; fi
printf '%s\n' ${missing}`;
}

/** journalctl writes "10 minutes ago" as "-10m". */
function journalTime(since: string): string {
  return /^\d+(\.\d+)?(ms|s|m|h|d)?$/.test(since) ? `-${since}` : since;
}

/** Waits, quietly, until a container of this name runs (again); ends with 1 when it does not within the time. */
export function awaitContainer(container: string, seconds: number): ShellText {
  return sh`n=0
while [ "$n" -lt ${seconds} ]; do
  [ "$(docker inspect --type container --format '{{.State.Running}} {{.State.Restarting}}' ${container} 2>/dev/null)" != 'true false' ] || exit 0
  n=$((n + 1)); sleep 1
done
exit 1`;
}

/** A line as Docker prints it with `--timestamps`: its time, of nine digits behind the second, and what was said. */
export function splitStamp(line: string): { readonly stamp: string | undefined; readonly text: string } {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z) ?/.exec(line);
  return match?.[1] === undefined
    ? { stamp: undefined, text: line }
    : { stamp: match[1], text: line.slice(match[0].length) };
}
