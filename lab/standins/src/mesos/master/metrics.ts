import { atLeast } from '../../shared/version.js';
import { isTerminal } from '../protocol.js';
import { isActive, isConnected } from './cluster.js';
import type { Master } from './master.js';
import { emptyRegistry } from './registry.js';

/** `/metrics/snapshot` of this very master: it is never redirected, which is what makes it the probe. */
export function masterMetrics(master: Master): Readonly<Record<string, number>> {
  const { version } = master.config;
  const now = Date.now();
  const registry = master.registry() ?? emptyRegistry;
  const agents = [...master.cluster.agents.values()];
  const frameworks = [...master.cluster.frameworks.values()];
  const connected = agents.filter((agent) => isConnected(agent, now)).length;
  const active = agents.filter((agent) => isActive(agent, registry, now)).length;
  const frameworksActive = frameworks.filter((framework) => now - framework.seenAt < 5_000).length;
  const tasks = agents.flatMap((agent) => agent.report.tasks).filter((status) => !isTerminal(status.state));
  return {
    'master/elected': master.leads() ? 1 : 0,
    'master/uptime_secs': (now - master.startedAt) / 1000,
    'master/slaves_active': active,
    'master/slaves_connected': connected,
    'master/slaves_disconnected': agents.length - connected,
    'master/slaves_inactive': agents.length - active,
    ...(atLeast(version, '1.1.0') ? { 'master/slaves_unreachable': master.removals.unreachable } : {}),
    'master/recovery_slave_removals': master.removals.recovery,
    'master/frameworks_active': frameworksActive,
    'master/frameworks_connected': frameworksActive,
    'master/frameworks_disconnected': frameworks.length - frameworksActive,
    'master/frameworks_inactive': frameworks.length - frameworksActive,
    'master/tasks_running': tasks.filter((status) => status.state === 'TASK_RUNNING').length,
    'master/tasks_staging': tasks.filter((status) => status.state === 'TASK_STAGING').length,
    ...(atLeast(version, '1.0.0')
      ? { 'registrar/log/recovered': master.replicatedLog.state().status === 'VOTING' ? 1 : 0 }
      : {}),
    ...(atLeast(version, '1.4.0') ? { 'registrar/log/ensemble_size': master.ensembleSize() } : {}),
  };
}
