import { randomUUID } from 'node:crypto';
import { json, jsonBody, text, type Reply, type Request } from '../../shared/http-server.js';
import { postJson } from '../../shared/http-client.js';
import { reason } from '../../shared/exit.js';
import { atLeast } from '../../shared/version.js';
import {
  isTerminal,
  type AgentReply,
  type AgentReport,
  type FrameworkReply,
  type FrameworkReport,
  type TaskInfo,
} from '../protocol.js';
import { acceptsAgentVersion, isConnected, isDown, offersOf, removeAgent, tasksOf } from './cluster.js';
import type { Master } from './master.js';
import type { Registry } from './registry.js';

/** Agents register and report; the same message does for both. */
async function agentReports(master: Master, report: AgentReport, registry: Registry): Promise<Reply> {
  const { cluster, config } = master;
  if (!acceptsAgentVersion(config.version, report.version)) {
    master.log(
      `Ignoring agent at ${report.ip}:${report.port}: version ${report.version} is older than the minimum 1.0.0`,
    );
    return text(409, 'agent version not supported');
  }
  const known = report.id === undefined ? undefined : cluster.agents.get(report.id);
  const registered = registry.agents.some((agent) => agent.id === report.id);
  // Up to 1.0 an agent that was removed is told to end itself; later masters take it back.
  if (report.id !== undefined && !registered && !atLeast(config.version, '1.1.0')) {
    return json(200, { id: report.id, shutdown: true } satisfies AgentReply);
  }
  const id = report.id ?? `${master.info.id}-S${registry.agents.length}-${randomUUID().slice(0, 8)}`;
  if (!registered) {
    for (const other of cluster.agents.values()) {
      if (other.report.ip === report.ip && other.report.port === report.port)
        removeAgent(cluster, other.id, 'A new agent registered at the same address');
    }
    const entry = { id, hostname: report.hostname, ip: report.ip, port: report.port };
    await master.update((current) => ({
      ...current,
      agents: [
        ...current.agents.filter((agent) => agent.id !== id && (agent.ip !== entry.ip || agent.port !== entry.port)),
        entry,
      ],
    }));
  }
  const now = Date.now();
  if (known === undefined)
    master.log(
      `${registered ? 'Re-registered' : 'Registered'} agent ${id} at slave(1)@${report.ip}:${report.port} (${report.hostname})`,
    );
  const agent = { id, report: { ...report, id }, registeredAt: known?.registeredAt ?? now, seenAt: now };
  cluster.agents.set(id, agent);
  for (const status of report.tasks) if (isTerminal(status.state)) cluster.ended.set(status.task.taskId, status);
  return json(200, { id, shutdown: isDown(agent, registry) } satisfies AgentReply);
}

function frameworkPolls(master: Master, report: FrameworkReport, registry: Registry): Reply {
  const { cluster } = master;
  const now = Date.now();
  const known = report.id === undefined ? undefined : cluster.frameworks.get(report.id);
  const id = report.id ?? `${master.info.id}-${String(cluster.frameworks.size).padStart(4, '0')}`;
  if (known === undefined) master.log(`Subscribed framework ${id} (${report.name}) at ${report.hostname}`);
  cluster.frameworks.set(id, {
    id,
    name: report.name,
    hostname: report.hostname,
    webuiUrl: report.webuiUrl,
    failoverTimeoutSeconds: report.failoverTimeoutSeconds,
    registeredAt: known?.registeredAt ?? now,
    seenAt: now,
  });
  for (const taskId of report.acknowledged) cluster.ended.delete(taskId);
  const reply: FrameworkReply = {
    id,
    masterVersion: master.config.version,
    agents: offersOf(cluster, registry, now),
    awaitedAgents: registry.agents.map((agent) => agent.id).filter((agentId) => !cluster.agents.has(agentId)),
    tasks: tasksOf(cluster, id),
  };
  return json(200, reply);
}

/** Passes a launch or a kill on to its agent. */
async function forward(
  master: Master,
  verb: 'launch' | 'kill',
  body: { agentId: string; task?: TaskInfo; taskId?: string },
): Promise<Reply> {
  const agent = master.cluster.agents.get(body.agentId);
  if (agent === undefined || !isConnected(agent, Date.now()))
    return text(409, `agent ${body.agentId} is not connected`);
  try {
    await postJson(`http://${agent.report.ip}:${agent.report.port}/standin/${verb}`, body);
    return text(200);
  } catch (error) {
    return text(502, reason(error));
  }
}

/** `/standin/…`: the replicas' log, agents and frameworks. All but the log are the leader's to answer. */
export async function internal(master: Master, request: Request): Promise<Reply> {
  const body = jsonBody(request);
  if (request.path === '/standin/log') {
    if (request.method === 'GET') return json(200, master.replicatedLog.state());
    return master.replicatedLog.accept(body as { position: number; registry: Registry })
      ? text(200)
      : text(409, 'this replica does not vote');
  }
  const registry = master.registry();
  if (!master.leads() || registry === undefined)
    return text(503, master.leads() ? 'the registry is not recovered yet' : 'this master does not lead');
  switch (request.path) {
    case '/standin/agent':
      return agentReports(master, body as AgentReport, registry);
    case '/standin/framework':
      return frameworkPolls(master, body as FrameworkReport, registry);
    case '/standin/launch':
      return forward(master, 'launch', body as { agentId: string; task: TaskInfo });
    case '/standin/kill':
      return forward(master, 'kill', body as { agentId: string; taskId: string });
    default:
      return text(404);
  }
}
