import { joinShell, sh, shellSource, type ShellText } from '../../shell/text.js';
import type { Confirmation } from '../confirmation.js';
import { decodeOutput } from './command-result.js';
import type { Report } from './report.js';
import { shownProperties } from './service-managers.js';

/**
 * Prints what tells one start of the unit `$name` from another, and one boot from another: the time of systemd's own
 * start, as a container has the boot id of its machine.
 */
export const startedUnit: ShellText = shellSource(
  'systemctl show -p Type -p InvocationID -- "$name"; systemctl show -p UserspaceTimestampMonotonic',
);

/** What `startedUnit` printed; undefined for a oneshot unit, which has done its work. */
export function parseStartedUnit(stdout: Buffer): Confirmation['memory'] | undefined {
  const shown = shownProperties(decodeOutput(stdout).text);
  if (shown.get('Type') === 'oneshot') return undefined;
  return { invocation: shown.get('InvocationID') ?? '', boot: shown.get('UserspaceTimestampMonotonic') ?? '' };
}

/** Unit and invocation of what was started. */
function unitOf({ subject, memory }: Confirmation): { readonly unit: string; readonly invocation: string } {
  return { unit: subject.slice('service:'.length), invocation: memory['invocation'] ?? '' };
}

/**
 * Tells the state of started units; of those that are not as they were left also the last lines of their journals, and
 * what systemd itself was last asked to do with them. What is on its way from one state to another is waited for, 10
 * seconds in all.
 */
export function lookAtStartedUnits(left: readonly Confirmation[]): ShellText {
  return joinShell([
    shellSource(`boot=$(systemctl show -p UserspaceTimestampMonotonic) || exit 1
tell boot "$boot"
tries=20
look() {
  while :; do
    show=$(systemctl show -p ActiveState -p SubState -p Type -p Result -p NRestarts -p InvocationID -p TriggeredBy -p BusName -- "$1") || exit 1
    case $show in
      *ActiveState=active* | *ActiveState=inactive* | *ActiveState=failed* | *SubState=auto-restart* | *Type=oneshot*) break ;;
    esac
    [ "$tries" -gt 0 ] || break
    tries=$((tries - 1)); sleep 0.5 2>/dev/null || sleep 1
  done
  tell unit "$1" "$show"
  case $show in *ActiveState=active*"InvocationID=$2"* | *"InvocationID=$2"*ActiveState=active*) return 0 ;; esac
  tell job "$1" "$(journalctl -q --no-pager -n 1 -o export _PID=1 UNIT="$1" JOB_RESULT=done 2>/dev/null | sed -n 's/^JOB_TYPE=//p')"
  tell journal "$1" "$(journalctl -q --no-pager -n 10 -o cat -u "$1" 2>/dev/null)"
}`),
    ...left.map(unitOf).map(({ unit, invocation }) => sh`look ${unit} ${invocation}`),
    shellSource('exit 0'),
  ]);
}

/** Why started units did not last, by subject, with the last lines of their journals. */
export function parseStartedUnits(report: Report, left: readonly Confirmation[]): ReadonlyMap<string, string> {
  const boot = shownProperties(report.word('boot') ?? '').get('UserspaceTimestampMonotonic') ?? '';
  const told = (key: string): ReadonlyMap<string, string> =>
    new Map(report.records(key).map(([unit = '', text = '']) => [unit, text]));
  const [units, jobs, journals] = [told('unit'), told('job'), told('journal')];
  const reasons = new Map<string, string>();
  for (const confirmation of left) {
    // A host that was booted since has ended what ran on it, for whatever reason.
    if (confirmation.memory['boot'] !== '' && confirmation.memory['boot'] !== boot) continue;
    const { unit, invocation } = unitOf(confirmation);
    const shown = shownProperties(units.get(unit) ?? '');
    const reason = whyNotUp(shown, { invocation, isStopped: jobs.get(unit) === 'stop' });
    if (reason === undefined) continue;
    const journal = journals.get(unit) ?? '';
    const lines = journal === '' ? '' : `\nlast lines of its journal:\n${journal}`;
    reasons.set(confirmation.subject, `${unit} did not stay up: ${reason}${lines}`);
  }
  return reasons;
}

/**
 * Why a unit that was started does not count as up. Started anew by somebody (a command of a later task), stopped by
 * somebody, and down until it is asked for again are no faults.
 */
function whyNotUp(
  shown: ReadonlyMap<string, string>,
  start: { readonly invocation: string; readonly isStopped: boolean },
): string | undefined {
  const word = (name: string): string => shown.get(name) ?? '';
  const [active, result] = [word('ActiveState'), word('Result')];
  if (active === 'active' || active === 'reloading' || active === 'refreshing') {
    const restarts = Number(word('NRestarts'));
    if (word('InvocationID') === start.invocation || !(restarts > 0)) return undefined;
    return `systemd has restarted it ${restarts === 1 ? 'once' : `${restarts} times`} since its start`;
  }
  if (word('Type') === 'oneshot' && active !== 'failed') return undefined;
  if (active === 'inactive' && result === 'success') {
    const isWoken = word('TriggeredBy') !== '' || word('BusName') !== '';
    return start.isStopped || isWoken ? undefined : 'it has ended by itself';
  }
  const details = [word('SubState'), result].filter((each) => each !== '' && each !== active && each !== 'success');
  return `it is ${active === '' ? 'unknown to systemd' : active}${details.length > 0 ? ` (${details.join(', ')})` : ''}`;
}
