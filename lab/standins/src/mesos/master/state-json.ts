import { atLeast } from '../../shared/version.js';
import { isTerminal, type TaskStatus } from '../protocol.js';
import { masterInfoJson } from '../master-info.js';
import { isActive, tasksOf, type KnownAgent, type KnownFramework } from './cluster.js';
import type { Master } from './master.js';
import { emptyRegistry } from './registry.js';

const seconds = (milliseconds: number): number => milliseconds / 1000;

export function agentJson(master: Master, agent: KnownAgent): Readonly<Record<string, unknown>> {
  const { resources, hostname, ip, port, version, attributes, tasks } = agent.report;
  const running = tasks.filter((status) => !isTerminal(status.state));
  const total = (pick: (status: TaskStatus) => number): number =>
    running.reduce((sum, status) => sum + pick(status), 0);
  return {
    id: agent.id,
    pid: `slave(1)@${ip}:${port}`,
    hostname,
    version,
    attributes,
    active: isActive(agent, master.registry() ?? emptyRegistry, Date.now()),
    registered_time: seconds(agent.registeredAt),
    resources: {
      cpus: resources.cpus,
      mem: resources.mem,
      disk: resources.disk,
      ports: `[${resources.ports.join('-')}]`,
    },
    used_resources: { cpus: total((status) => status.task.cpus), mem: total((status) => status.task.mem), disk: 0 },
  };
}

function taskJson(status: TaskStatus): Readonly<Record<string, unknown>> {
  return {
    id: status.task.taskId,
    name: status.task.name,
    framework_id: status.task.frameworkId,
    slave_id: status.agentId,
    state: status.state,
    resources: { cpus: status.task.cpus, mem: status.task.mem, disk: 0 },
  };
}

function frameworkJson(master: Master, framework: KnownFramework): Readonly<Record<string, unknown>> {
  const tasks = tasksOf(master.cluster, framework.id);
  return {
    id: framework.id,
    name: framework.name,
    hostname: framework.hostname,
    webui_url: framework.webuiUrl,
    active: Date.now() - framework.seenAt < 5_000,
    checkpoint: true,
    failover_timeout: framework.failoverTimeoutSeconds,
    registered_time: seconds(framework.registeredAt),
    tasks: tasks.filter((status) => !isTerminal(status.state)).map(taskJson),
    completed_tasks: tasks.filter((status) => isTerminal(status.state)).map(taskJson),
  };
}

/** `/state` (0.25 and later) and `/state.json` (up to 1.7). */
export function stateJson(master: Master): Readonly<Record<string, unknown>> {
  const { config, info } = master;
  const leader = master.leadership()?.leader();
  const electedAt = master.electedAt();
  const agents = [...master.cluster.agents.values()];
  const registry = master.registry() ?? emptyRegistry;
  const active = agents.filter((agent) => isActive(agent, registry, Date.now())).length;
  const cluster = config.flags.text('cluster');
  return {
    version: config.version,
    build_user: 'lab stand-in',
    id: info.id,
    pid: info.pid,
    hostname: info.hostname,
    start_time: seconds(master.startedAt),
    ...(electedAt === undefined ? {} : { elected_time: seconds(electedAt) }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(leader === undefined ? {} : { leader: leader.pid }),
    ...(leader === undefined || !atLeast(config.version, '1.0.0') ? {} : { leader_info: masterInfoJson(leader) }),
    activated_slaves: active,
    deactivated_slaves: agents.length - active,
    flags: config.flags.given,
    slaves: agents.map((agent) => agentJson(master, agent)),
    frameworks: [...master.cluster.frameworks.values()].map((framework) => frameworkJson(master, framework)),
    completed_frameworks: [],
  };
}
