import { atLeast } from '../../shared/version.js';
import { isTerminal, type AgentOffer, type AgentReport, type TaskStatus } from '../protocol.js';
import type { Machine, Registry } from './registry.js';

export interface KnownAgent {
  readonly id: string;
  readonly report: AgentReport;
  readonly registeredAt: number;
  readonly seenAt: number;
}

export interface KnownFramework {
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
  readonly webuiUrl: string;
  readonly registeredAt: number;
  readonly seenAt: number;
  readonly failoverTimeoutSeconds: number;
}

/** The leading master's view, all of it rebuilt from reports after a fail-over. */
export interface Cluster {
  readonly agents: Map<string, KnownAgent>;
  readonly frameworks: Map<string, KnownFramework>;
  /** Ends of tasks that no framework has acknowledged, by task id. */
  readonly ended: Map<string, TaskStatus>;
}

/** A real master sees a broken socket at once; the stand-in, a missing report. */
export const DISCONNECTED_AFTER_MS = 3_500;

export function newCluster(): Cluster {
  return { agents: new Map(), frameworks: new Map(), ended: new Map() };
}

export function isConnected(agent: KnownAgent, now: number): boolean {
  return now - agent.seenAt < DISCONNECTED_AFTER_MS;
}

function matches(machine: Machine, agent: KnownAgent): boolean {
  return (
    (machine.hostname ?? agent.report.hostname) === agent.report.hostname &&
    (machine.ip ?? agent.report.ip) === agent.report.ip
  );
}

/** Under maintenance: in a window that has begun, or taken down. */
export function isUnavailable(agent: KnownAgent, registry: Registry, now: number): boolean {
  const begun = (registry.schedule.windows ?? []).filter(
    (window) => window.unavailability.start.nanoseconds / 1e6 <= now,
  );
  return [...begun.flatMap((window) => window.machine_ids), ...registry.down].some((machine) =>
    matches(machine, agent),
  );
}

export function isDown(agent: KnownAgent, registry: Registry): boolean {
  return registry.down.some((machine) => matches(machine, agent));
}

/** Connected and not deactivated: what `master/slaves_active` counts. */
export function isActive(agent: KnownAgent, registry: Registry, now: number): boolean {
  return isConnected(agent, now) && !registry.deactivated.includes(agent.id) && !registry.draining.includes(agent.id);
}

export function offersOf(cluster: Cluster, registry: Registry, now: number): readonly AgentOffer[] {
  return [...cluster.agents.values()].map((agent) => ({
    id: agent.id,
    hostname: agent.report.hostname,
    ip: agent.report.ip,
    attributes: agent.report.attributes,
    resources: agent.report.resources,
    connected: isConnected(agent, now),
    offered: isActive(agent, registry, now),
    unavailable: isUnavailable(agent, registry, now),
  }));
}

export function tasksOf(cluster: Cluster, frameworkId: string): readonly TaskStatus[] {
  const running = [...cluster.agents.values()]
    .flatMap((agent) => agent.report.tasks)
    .filter((status) => !isTerminal(status.state));
  const all = new Map(running.map((status) => [status.task.taskId, status]));
  for (const [taskId, status] of cluster.ended) all.set(taskId, status);
  return [...all.values()].filter((status) => status.task.frameworkId === frameworkId);
}

/** Masters from 1.2.1 on, and all of 1.3 and later, take no agent older than 1.0. */
export function acceptsAgentVersion(masterVersion: string, agentVersion: string): boolean {
  return !atLeast(masterVersion, '1.2.1') || atLeast(agentVersion, '1.0.0');
}

/** Drops an agent and says that its tasks are lost. */
export function removeAgent(cluster: Cluster, id: string, message: string): void {
  const agent = cluster.agents.get(id);
  cluster.agents.delete(id);
  for (const status of agent?.report.tasks ?? []) {
    if (!isTerminal(status.state)) cluster.ended.set(status.task.taskId, { ...status, state: 'TASK_LOST', message });
  }
}
