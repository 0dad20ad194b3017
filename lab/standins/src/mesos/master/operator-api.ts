import { postJson } from '../../shared/http-client.js';
import { json, jsonBody, text, type Reply, type Request } from '../../shared/http-server.js';
import { atLeast } from '../../shared/version.js';
import { masterInfoJson } from '../master-info.js';
import { isTerminal } from '../protocol.js';
import { isActive, isConnected, type KnownAgent } from './cluster.js';
import { masterMetrics } from './metrics.js';
import { machinesDown, machinesUp, maintenanceStatus, setSchedule } from './maintenance.js';
import type { Master } from './master.js';
import { emptyRegistry, type Machine, type MaintenanceSchedule } from './registry.js';

interface OperatorCall {
  readonly type?: string;
  readonly drain_agent?: { readonly agent_id: { readonly value: string } };
  readonly deactivate_agent?: { readonly agent_id: { readonly value: string } };
  readonly reactivate_agent?: { readonly agent_id: { readonly value: string } };
  readonly update_maintenance_schedule?: { readonly schedule: MaintenanceSchedule };
  readonly start_maintenance?: { readonly machines: readonly Machine[] };
  readonly stop_maintenance?: { readonly machines: readonly Machine[] };
}

/** Calls that every master answers for itself; the rest are the leader's. */
const local: ReadonlySet<string> = new Set(['GET_HEALTH', 'GET_VERSION', 'GET_FLAGS', 'GET_METRICS']);

function agentsJson(master: Master): unknown {
  const registry = master.registry() ?? emptyRegistry;
  const now = Date.now();
  const withDraining = atLeast(master.config.version, '1.9.0');
  return [...master.cluster.agents.values()].map((agent) => {
    const left = agent.report.tasks.filter((status) => !isTerminal(status.state)).length;
    const draining = registry.draining.includes(agent.id);
    return {
      active: isActive(agent, registry, now),
      connected: isConnected(agent, now),
      version: agent.report.version,
      pid: `slave(1)@${agent.report.ip}:${agent.report.port}`,
      agent_info: { hostname: agent.report.hostname, port: agent.report.port, id: { value: agent.id } },
      ...(withDraining ? { deactivated: draining || registry.deactivated.includes(agent.id) } : {}),
      ...(withDraining && draining ? { drain_info: { state: left === 0 ? 'DRAINED' : 'DRAINING', config: {} } } : {}),
    };
  });
}

async function changeAgent(master: Master, call: OperatorCall): Promise<Reply> {
  const id = (call.drain_agent ?? call.deactivate_agent ?? call.reactivate_agent)?.agent_id.value ?? '';
  const agent = master.cluster.agents.get(id);
  if (agent === undefined) return text(400, `Unknown agent '${id}'`);
  await master.update((registry) => {
    const without = {
      draining: registry.draining.filter((other) => other !== id),
      deactivated: registry.deactivated.filter((other) => other !== id),
    };
    if (call.type === 'DRAIN_AGENT') return { ...registry, ...without, draining: [...without.draining, id] };
    if (call.type === 'DEACTIVATE_AGENT') return { ...registry, ...without, deactivated: [...without.deactivated, id] };
    return { ...registry, ...without };
  });
  if (call.type === 'DRAIN_AGENT') await killTasks(agent);
  return text(200);
}

/** A drained agent's tasks are killed; their frameworks hear of it and place them elsewhere. */
async function killTasks(agent: KnownAgent): Promise<void> {
  const { ip, port, tasks } = agent.report;
  const running = tasks.filter((status) => !isTerminal(status.state));
  await Promise.all(
    running.map(({ task }) =>
      postJson(`http://${ip}:${port}/standin/kill`, { taskId: task.taskId }).catch(() => undefined),
    ),
  );
}

/** `POST /api/v1` (1.0 and later), the calls an operator needs; `redirect` answers for a master that does not lead. */
export async function operatorApi(master: Master, request: Request, redirect: () => Reply): Promise<Reply> {
  if (request.method !== 'POST') return text(405);
  const call = jsonBody(request) as OperatorCall | undefined;
  if (typeof call?.type !== 'string') return text(400, 'Failed to parse body into JSON');
  const { type } = call;
  if (!local.has(type) && !master.leads()) return redirect();
  const { config } = master;
  switch (type) {
    case 'GET_HEALTH':
      return json(200, { type, get_health: { healthy: true } });
    case 'GET_VERSION':
      return json(200, {
        type,
        get_version: { version_info: { version: config.version, build_user: 'lab stand-in' } },
      });
    case 'GET_FLAGS':
      return json(200, {
        type,
        get_flags: { flags: Object.entries(config.flags.given).map(([name, value]) => ({ name, value })) },
      });
    case 'GET_METRICS':
      return json(200, {
        type,
        get_metrics: { metrics: Object.entries(masterMetrics(master)).map(([name, value]) => ({ name, value })) },
      });
    case 'GET_MASTER':
      return json(200, {
        type,
        get_master: {
          master_info: masterInfoJson(master.info),
          start_time: master.startedAt / 1000,
          elected_time: (master.electedAt() ?? 0) / 1000,
        },
      });
    case 'GET_AGENTS':
      return json(200, { type, get_agents: { agents: agentsJson(master) } });
    case 'GET_MAINTENANCE_SCHEDULE':
      return json(200, { type, get_maintenance_schedule: { schedule: (master.registry() ?? emptyRegistry).schedule } });
    case 'GET_MAINTENANCE_STATUS':
      return json(200, { type, get_maintenance_status: { status: maintenanceStatus(master) } });
    case 'UPDATE_MAINTENANCE_SCHEDULE':
      return setSchedule(master, call.update_maintenance_schedule?.schedule ?? {});
    case 'START_MAINTENANCE':
      return machinesDown(master, call.start_maintenance?.machines ?? []);
    case 'STOP_MAINTENANCE':
      return machinesUp(master, call.stop_maintenance?.machines ?? []);
    case 'DRAIN_AGENT':
    case 'DEACTIVATE_AGENT':
    case 'REACTIVATE_AGENT':
      return atLeast(config.version, '1.9.0')
        ? changeAgent(master, call)
        : text(400, `Failed to validate master::Call: unknown type '${type}'`);
    default:
      return text(501, `The lab stand-in has no ${type}`);
  }
}
