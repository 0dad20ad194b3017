import { exitCode } from '../../core/exit-code.js';
import { cleanLine } from '../../report/clean.js';
import { lifecyclePlays, type Action, type Target } from '../../stack/lifecycle/plays.js';
import { stopEffect } from '../../stack/lifecycle/stop-check.js';
import { rowsOf } from '../../stack/status/cluster-status.js';
import type { ClusterStatus, Member } from '../../stack/status/types.js';
import { isConfirmed } from '../confirm.js';
import { withInterrupt } from '../interrupt.js';
import { chooseTargets } from '../lifecycle/choose-targets.js';
import { runPlays } from '../lifecycle/run-plays.js';
import { openCluster, type OpenCluster } from '../open-cluster.js';
import type { PlayOptions } from '../options.js';
import { printError, printLine } from '../terminal.js';
import { askCluster, hostsToAsk } from './status.js';

export interface LifecycleRequest {
  readonly action: Action;
  readonly components: readonly string[];
  readonly options: PlayOptions & { readonly yes?: boolean; readonly force?: boolean };
}

type Decision =
  | { readonly kind: 'go'; readonly targets: readonly Target[]; readonly passwords: OpenCluster['passwords'] }
  | { readonly kind: 'end'; readonly code: number };

/**
 * `runner start|stop|restart COMPONENT…`: asks the cluster how it is, refuses what would break it, and runs the plays
 * for the rest. What is in the wanted state already stays as it is.
 */
export async function lifecycle(request: LifecycleRequest): Promise<number> {
  const { action, components, options } = request;
  let members: OpenCluster['members'] = [];
  const decided = await withInterrupt(async (signal): Promise<Decision> => {
    const cluster = await openCluster({ options, signal });
    members = cluster.members;
    try {
      return await decide(cluster, request);
    } finally {
      await cluster.close();
    }
  });
  if (decided.kind === 'interrupted') return decided.code;
  const decision = decided.value;
  if (decision.kind === 'end') return decision.code;
  const { targets, passwords } = decision;
  return runPlays({
    title: `runner ${action} ${components.join(' ')}`,
    plays: lifecyclePlays(action, { targets, members }),
    options,
    passwords,
  });
}

async function decide(cluster: OpenCluster, { action, components, options }: LifecycleRequest): Promise<Decision> {
  const chosen = chooseTargets(cluster, components);
  // The arithmetic counts all members, also those that --limit leaves out.
  const hosts = action === 'stop' ? allHosts(cluster) : hostsToAsk(cluster);
  const status = await askCluster(cluster, hosts);
  const missing = chosen.flatMap((target) => missingOf(target, { status, members: cluster.members }));
  if (action !== 'stop' && missing.length > 0) {
    for (const { host, component, container } of missing)
      printError(`${cleanLine(host)}: there is no container \`${cleanLine(container)}\` of ${component} to ${action}`);
    printError('  hint: `runner apply` makes containers; `-l` leaves a host out. Nothing was touched.');
    return { kind: 'end', code: exitCode.hostFailed };
  }
  for (const { host, container } of missing)
    printLine(`${cleanLine(host)}: there is no container \`${cleanLine(container)}\`, so there is nothing to stop.`);
  const targets = chosen.flatMap((target): readonly Target[] => {
    const present = target.hosts.filter(
      (host) => !missing.some((each) => each.host === host && each.component === target.component),
    );
    return present.length === 0 ? [] : [{ ...target, hosts: present }];
  });
  if (targets.length === 0) return { kind: 'end', code: exitCode.done };
  if (action === 'stop' && !(await mayStop(cluster, { targets, status, options })))
    return { kind: 'end', code: exitCode.hostFailed };
  return { kind: 'go', targets, passwords: cluster.passwords };
}

function allHosts(cluster: OpenCluster): readonly string[] {
  return [...new Set(cluster.members.map(({ host }) => host))];
}

/** Members on hosts that answered, whose engine has no container of theirs. */
function missingOf(
  { component, hosts }: Target,
  { status, members }: { readonly status: ClusterStatus; readonly members: readonly Member[] },
): readonly Member[] {
  const answered = status.hosts.flatMap((asked) => {
    const rows = rowsOf(asked);
    const engine = rows.find((row) => row.component === 'docker');
    return engine?.health.state === 'well' ? [{ host: asked.host, rows }] : [];
  });
  return members.filter(
    (member) =>
      member.component === component &&
      hosts.includes(member.host) &&
      answered.some(
        ({ host, rows }) =>
          host === member.host && rows.some((row) => row.component === component && row.container === undefined),
      ),
  );
}

/** Says what stopping does; false: refused, or not confirmed. */
async function mayStop(
  cluster: OpenCluster,
  stop: {
    readonly targets: readonly Target[];
    readonly status: ClusterStatus;
    readonly options: LifecycleRequest['options'];
  },
): Promise<boolean> {
  const { targets, status, options } = stop;
  // Without its engine everything on a host stops.
  const stopped = targets.flatMap(({ component, hosts }) =>
    component === 'docker'
      ? cluster.members.filter(({ host }) => hosts.includes(host))
      : cluster.members.filter((member) => member.component === component && hosts.includes(member.host)),
  );
  const services = [...new Set(stopped.map(({ component }) => component))];
  const effects = services.map((component) => {
    const hosts = stopped.filter((member) => member.component === component).map(({ host }) => host);
    return stopEffect({ component, hosts, members: cluster.members, cluster: status });
  });
  const isForced = options.force === true;
  const words = { refused: isForced ? 'forced' : 'refused', whole: 'note' };
  for (const effect of effects)
    if (effect.kind !== 'harmless') printError(`${words[effect.kind]}: ${cleanLine(effect.sentence)}`);
  if (!isForced && effects.some(({ kind }) => kind === 'refused')) {
    printError(
      '  hint: stop fewer members at a time, or all of them by leaving out `-l`; `--force` does it all the same.',
    );
    printError('Nothing was touched.');
    return false;
  }
  if (options.check === true || effects.every(({ kind }) => kind === 'harmless')) return true;
  return isConfirmed(options, { previewFlag: '--check' });
}
