import { sh, shellSource, type ShellText } from '../../shell/text.js';
import type { Report } from './report.js';

export type InitSystem = 'systemd' | 'openrc' | 'sysv';

/** What a host's service manager says of one service. */
export interface ServiceState {
  readonly init: InitSystem;
  readonly known: boolean;
  /** systemd's own name of the unit, whatever alias it was asked by. */
  readonly id: string | undefined;
  /** systemd's word (active, inactive, failed, activating …), or active and inactive elsewhere. */
  readonly active: string;
  /** Whether it starts at boot; undefined where that cannot be asked or chosen (a static unit). */
  readonly enabled: boolean | undefined;
  readonly masked: boolean;
  /** systemd has not yet read a changed unit file. */
  readonly stale: boolean;
}

/** Tells the state of a service, whichever of the three managers the host runs. */
export function lookAtService(name: string): ShellText {
  return sh`name=${name}
if [ -d /run/systemd/system ] && command -v systemctl >/dev/null 2>&1; then
  tell init systemd
  tell show "$(systemctl show -p Id -p LoadState -p ActiveState -p UnitFileState -p NeedDaemonReload -p Type -p SubState -- "$name" 2>/dev/null)"
  tell is "$(systemctl is-enabled -- "$name" 2>/dev/null)"
elif command -v rc-service >/dev/null 2>&1; then
  tell init openrc
  if rc-service -e "$name" 2>/dev/null; then tell known; fi
  if rc-service -- "$name" status >/dev/null 2>&1; then tell running; fi
  if rc-update show 2>/dev/null | grep -q "^ *$name *|"; then tell atboot; fi
else
  tell init sysv
  if [ -x "/etc/init.d/$name" ]; then tell known; fi
  if [ -x "/etc/init.d/$name" ] && "/etc/init.d/$name" status >/dev/null 2>&1; then tell running; fi
  for one in /etc/rc[2345].d/S*; do case $one in */S[0-9][0-9]"$name") tell atboot; break ;; esac; done
fi
exit 0`;
}

/** What `lookAtService` told. */
export function parseService(report: Report): ServiceState {
  const init = report.need('init') as InitSystem;
  const told = (key: string): boolean => report.records(key).length > 0;
  if (init !== 'systemd') {
    return {
      init,
      known: told('known'),
      id: undefined,
      active: told('running') ? 'active' : 'inactive',
      enabled: told('atboot'),
      masked: false,
      stale: false,
    };
  }
  const fields = shownProperties(report.word('show') ?? '');
  const load = fields.get('LoadState') ?? '';
  return {
    init,
    known: load !== 'not-found' && load !== '',
    id: fields.get('Id'),
    active: fields.get('ActiveState') ?? 'inactive',
    enabled: enabledOf((report.word('is') ?? '').trim() || (fields.get('UnitFileState') ?? '')),
    masked: load === 'masked',
    stale: fields.get('NeedDaemonReload') === 'yes',
  };
}

/** What `systemctl show -p …` printed, by name. */
export function shownProperties(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

function enabledOf(word: string): boolean | undefined {
  if (word === 'enabled' || word === 'enabled-runtime' || word === 'alias') return true;
  return word === 'disabled' ? false : undefined;
}

export type ServiceAction =
  | 'start'
  | 'stop'
  | 'restart'
  | 'reload'
  | 'enable'
  | 'disable'
  | 'mask'
  | 'unmask'
  | 'daemon-reload';

/** The command of an action, undefined where the manager knows none. */
export function serviceCommand(
  action: ServiceAction,
  options: { readonly init: InitSystem; readonly name: string },
): ShellText | undefined {
  const { init, name } = options;
  const verb = shellSource(action);
  if (init === 'systemd')
    return action === 'daemon-reload' ? sh`systemctl daemon-reload` : sh`systemctl ${verb} -- ${name}`;
  if (action === 'mask' || action === 'unmask' || action === 'daemon-reload') return undefined;
  if (action === 'enable')
    return init === 'openrc'
      ? sh`rc-update add ${name} default`
      : sh`update-rc.d ${name} defaults || chkconfig ${name} on`;
  if (action === 'disable')
    return init === 'openrc' ? sh`rc-update del ${name}` : sh`update-rc.d ${name} disable || chkconfig ${name} off`;
  return init === 'openrc' ? sh`rc-service -- ${name} ${verb}` : sh`${`/etc/init.d/${name}`} ${verb}`;
}
