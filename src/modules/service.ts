import type { z } from 'zod';
import { joinShell, sh } from '../shell/text.js';
import type { Confirmation } from './confirmation.js';
import { anything } from './promises.js';
import { decodeOutput, succeeded } from './support/command-result.js';
import { defineModule, params } from './support/define.js';
import { alias, choice, flag, named, seconds } from './support/fields.js';
import { parseReport, tell } from './support/report.js';
import { lookAtStartedUnits, parseStartedUnit, parseStartedUnits, startedUnit } from './support/started-units.js';
import {
  lookAtService,
  parseService,
  serviceCommand,
  type ServiceAction,
  type ServiceState,
} from './support/service-managers.js';
import { ModuleFailure, type Change, type HostWriter, type ModuleResult } from './types.js';

const serviceParams = params(
  {
    name: alias(
      named(/^[^-/\s][^/\s]*$/, {
        otherwise: 'is no name of a service',
        description: 'The service or unit.',
      }).optional(),
      'service',
      'unit',
    ),
    state: choice(
      ['started', 'stopped', 'restarted', 'reloaded'],
      'What it shall be doing; `restarted` and `reloaded` act each time.',
    ).optional(),
    enabled: flag('Whether it starts at boot.').optional(),
    masked: flag('Whether systemd refuses to start it.').optional(),
    daemon_reload: alias(
      flag('Has systemd read its unit files again before anything else.').default(false),
      'daemon-reload',
    ),
    settle: seconds('How long a started service must stay up before it counts as started.').default(2),
    confirm_after: seconds(
      'When the play is over for the host, and so many seconds after its start at the earliest, a started unit of systemd is looked at once more: one that is down by then, or that systemd has restarted, fails the host. 0: never, for a unit that is meant to end or is ended by a program of its own.',
    ).default(5),
  },
  (value) => {
    const needsName = value.state !== undefined || value.enabled !== undefined || value.masked !== undefined;
    if (needsName && value.name === undefined) return '`name` is required';
    return !needsName && !value.daemon_reload ? 'give `state`, `enabled`, `masked` or `daemon_reload`' : undefined;
  },
);

type ServiceParams = z.output<typeof serviceParams>;

/** Services: whether they run and whether they start at boot. */
export const service = defineModule<ServiceParams, unknown, ServiceState>({
  name: 'service',
  summary:
    'Starts, stops, restarts and enables services (systemd, OpenRC, SysV), and sees that a started one stays up.',
  params: serviceParams,
  background: 'awaited',
  restsOn: (params) => (params.name === undefined ? [] : [`service:${params.name}`]),
  look: ({ params }) => ({
    kind: 'script',
    script: joinShell([tell, lookAtService(params.name ?? '-.slice')]),
    parse: (reply) => parseService(parseReport(reply)),
  }),
  compare(found, { params, promised }) {
    const { name = '' } = params;
    const values = { name, status: { active: found.active, enabled: found.enabled ?? 'static' } };
    const missing = params.name !== undefined && !found.known && !found.masked;
    if (missing && promised?.has(`service:${name}`) !== true) {
      throw new ModuleFailure(`there is no service ${name} on the host`);
    }
    const changes = serviceChanges(found, params);
    if (changes.length === 0) return { kind: 'same', values };
    return { kind: 'change', changes, values, provides: [anything] };
  },
  change: (host, { params, found, changes }) => apply(host, { params, found, changes }),
  unsettles: ({ params, found, changes }) =>
    changes.some(({ part }) => part === 'state') ? subjectOf(found, params.name ?? '') : undefined,
  confirm: (left) => ({
    kind: 'script',
    script: joinShell([tell, lookAtStartedUnits(left)]),
    parse: (reply) => parseStartedUnits(parseReport(reply), left),
  }),
});

function subjectOf(found: ServiceState, name: string): string {
  return `service:${found.id ?? name}`;
}

/** What would change, in the order in which it is done. */
export function serviceChanges(found: ServiceState, params: ServiceParams): readonly Change[] {
  const changes: Change[] = [];
  const { state, enabled, masked } = params;
  if (params.daemon_reload && (found.stale || params.name === undefined)) {
    changes.push({ part: 'unit files', before: 'changed', after: 'read again' });
  }
  if (masked !== undefined && masked !== found.masked)
    changes.push({ part: 'masked', before: found.masked, after: masked });
  if (enabled !== undefined && found.enabled !== undefined && enabled !== found.enabled) {
    changes.push({ part: 'enabled', before: found.enabled, after: enabled });
  }
  if (enabled !== undefined && found.enabled === undefined && !found.known)
    changes.push({ part: 'enabled', after: enabled });
  const isUp = found.active === 'active' || found.active === 'reloading';
  if (state === 'restarted' || state === 'reloaded')
    changes.push({ part: 'state', before: found.active, after: state });
  if (state === 'started' && !isUp) changes.push({ part: 'state', before: found.active, after: 'started' });
  const isDown = found.active === 'inactive' || found.active === 'failed';
  if (state === 'stopped' && !isDown) changes.push({ part: 'state', before: found.active, after: 'stopped' });
  return changes;
}

interface ApplyOptions {
  readonly params: ServiceParams;
  readonly found: ServiceState;
  readonly changes: readonly Change[];
}

async function apply(host: HostWriter, { params, found, changes }: ApplyOptions): Promise<ModuleResult> {
  const { name = '' } = params;
  const { init } = found;
  for (const change of changes) {
    const action = actionOf(change, found);
    const command = serviceCommand(action, { init, name });
    if (command === undefined) throw new ModuleFailure(`${init} knows no ${action}`);
    host.progress(`${action} ${name}`);
    const reply = await host.run(command, { ownChannel: true });
    if (reply.end.kind === 'code' && reply.end.code !== 0 && change.part === 'state') {
      const said = decodeOutput(reply.stderr).text;
      throw new ModuleFailure(await withJournal(host, { name, init, message: `cannot ${action} ${name}: ${said}` }));
    }
    succeeded(reply, { host, doing: `cannot ${action} ${name}` });
  }
  const isStarted = changes.some(({ part, after }) => part === 'state' && after !== 'stopped');
  const memory = isStarted && init === 'systemd' ? await mustStayUp(host, { name, settle: params.settle }) : undefined;
  const values = { name, ...(params.state === undefined ? {} : { state: params.state }) };
  if (memory === undefined || params.confirm_after === 0) return { values };
  const after = Math.max(0, params.confirm_after - params.settle);
  return { values, confirmation: { subject: subjectOf(found, name), after, memory } };
}

function actionOf(change: Change, found: ServiceState): ServiceAction {
  if (change.part === 'unit files') return 'daemon-reload';
  if (change.part === 'masked') return change.after === true ? 'mask' : 'unmask';
  if (change.part === 'enabled') return change.after === true ? 'enable' : 'disable';
  if (change.after === 'stopped') return 'stop';
  if (change.after === 'started') return 'start';
  // A service that is down cannot reload, so it is started; systemd's own reload-or-restart does the same.
  if (change.after === 'reloaded') return found.active === 'active' ? 'reload' : 'start';
  return 'restart';
}

/**
 * "Started" is not enough: the unit must still be up after a moment and must not have been restarted meanwhile. Asked
 * twice a second; a oneshot unit that has done its work is fine. Gives what tells this start from later ones, undefined
 * when there is nothing left to confirm.
 */
async function mustStayUp(
  host: HostWriter,
  options: { readonly name: string; readonly settle: number },
): Promise<Confirmation['memory'] | undefined> {
  const { name, settle } = options;
  const script = sh`LC_ALL=C; export LC_ALL; name=${name}; tries=${Math.ceil(settle * 2)}
ask() { systemctl show -p "$1" -- "$name" | sed 's/^[^=]*=//'; }
restarts=$(ask NRestarts)
while :; do
  state=$(ask ActiveState)
  case $state in
    active | activating | reloading | deactivating) ;;
    inactive) [ "$(ask Type)" = oneshot ] && [ "$(ask Result)" = success ] && { ${startedUnit}; exit 0; }; break ;;
    *) break ;;
  esac
  [ "$(ask NRestarts)" = "$restarts" ] || { state='restarting again and again'; break; }
  if [ "$tries" -le 0 ] && [ "$state" = active ]; then ${startedUnit}; exit 0; fi
  [ "$tries" -gt -20 ] || break
  tries=$((tries - 1)); sleep 0.5 2>/dev/null || sleep 1
done
echo "$state"; exit 1`;
  const reply = await host.run(script);
  if (reply.end.kind === 'code' && reply.end.code === 0) return parseStartedUnit(reply.stdout);
  const state = decodeOutput(reply.stdout).text || decodeOutput(reply.stderr).text;
  const message = `${name} did not stay up: it is ${state}`;
  throw new ModuleFailure(await withJournal(host, { name, init: 'systemd', message }));
}

/** The message with the last lines of the unit's journal, where there is one. */
async function withJournal(
  host: HostWriter,
  options: { readonly name: string; readonly init: string; readonly message: string },
): Promise<string> {
  if (options.init !== 'systemd') return options.message;
  const reply = await host.query(sh`journalctl -q --no-pager -n 10 -o cat -u ${options.name} 2>/dev/null`);
  const journal = decodeOutput(reply.stdout).text;
  return journal === '' ? options.message : `${options.message}\nlast lines of its journal:\n${journal}`;
}
