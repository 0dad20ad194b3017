import { randomUUID } from 'node:crypto';
import { Fatal, reason } from '../shared/exit.js';
import { postJson } from '../shared/http-client.js';
import { repeat, type Repeat } from '../shared/repeat.js';
import { atLeast } from '../shared/version.js';
import type { Detector } from '../mesos/detector.js';
import { isTerminal, type FrameworkReply, type FrameworkReport, type TaskStatus } from '../mesos/protocol.js';
import { safePath, type App, type Task } from './model.js';
import { place, taskInfo } from './placement.js';
import type { Service } from './service.js';

/** How long a task may be unknown to a connected agent before it counts as lost. */
const LOST_AFTER_MS = 10_000;

export interface Scheduler extends Repeat {
  readonly kill: (task: Task) => Promise<void>;
}

/** Keeps what runs equal to what is wanted: asks the leading master what runs where, starts what is missing, kills what is too much. */
export function startScheduler(options: {
  service: Service;
  detector: Detector;
  webuiUrl: string;
  onFatal: (error: Fatal) => void;
}): Scheduler {
  const { service, detector } = options;
  const { config, log, events, tasks } = service;
  let acknowledged: readonly string[] = [];
  const backoff = new Map<string, { readonly until: number; readonly failures: number }>();

  const url = (path: string): string => {
    const master = detector.master();
    if (master === undefined) throw new Error('no leading Mesos master');
    return `http://${master.ip}:${master.port}${path}`;
  };
  /** An agent that cannot be reached is asked again in the next round. */
  const askToKill = async (agentId: string, taskId: string): Promise<void> => {
    await postJson(url('/standin/kill'), { agentId, taskId }).catch(() => undefined);
  };
  const kill = async (task: Task): Promise<void> => {
    if (!task.killing) await service.saveTask({ ...task, killing: true });
    await askToKill(task.agentId, task.id);
  };

  const announce = (task: Task, state: string, message: string): void => {
    log(`Task ${task.id}: ${state}${message ? ` (${message})` : ''}`);
    events.publish({
      eventType: 'status_update_event',
      slaveId: task.agentId,
      taskId: task.id,
      taskStatus: state,
      message,
      appId: task.appId,
      host: task.host,
      ports: task.ports,
      version: task.version,
    });
  };
  const end = async (task: Task, state: string, message: string): Promise<void> => {
    await service.dropTask(task.id);
    if (!task.killing && state !== 'TASK_LOST') {
      const failures = (backoff.get(task.appId)?.failures ?? 0) + 1;
      backoff.set(task.appId, { failures, until: Date.now() + Math.min(60_000, 1_000 * 1.15 ** (failures - 1)) });
    }
    announce(task, state, message);
  };

  const takeIn = async (status: TaskStatus): Promise<void> => {
    const task = tasks.get(status.task.taskId);
    if (isTerminal(status.state)) {
      acknowledged = [...acknowledged, status.task.taskId];
      if (task !== undefined) await end(task, status.state, status.message);
      return;
    }
    if (task === undefined) {
      log(`Killing unknown task ${status.task.taskId}`);
      await askToKill(status.agentId, status.task.taskId);
      return;
    }
    if (task.state === status.state) return;
    const now = { ...task, state: status.state, containerIp: status.containerIp, startedAt: status.startedAt };
    await service.saveTask(now);
    announce(now, status.state, '');
  };

  const findLost = async (reply: FrameworkReply): Promise<void> => {
    const seen = new Set(reply.tasks.map((status) => status.task.taskId));
    for (const task of tasks.values()) {
      if (seen.has(task.id) || reply.awaitedAgents.includes(task.agentId)) continue;
      const agent = reply.agents.find(({ id }) => id === task.agentId);
      if (agent !== undefined && (!agent.connected || Date.now() - task.launchedAt < LOST_AFTER_MS)) continue;
      await end(task, 'TASK_LOST', agent === undefined ? 'its agent is gone' : 'its agent does not know it');
    }
  };

  const launch = async (app: App, reply: FrameworkReply): Promise<boolean> => {
    const needs = (appId: string): { cpus: number; mem: number } => {
      const source = service.apps.get(appId)?.source ?? {};
      return { cpus: Number(source['cpus'] ?? 0.1), mem: Number(source['mem'] ?? 128) };
    };
    const agents = config.maintenanceMode ? reply.agents.filter(({ unavailable }) => !unavailable) : reply.agents;
    const placement = place({ app, agents, tasks: [...tasks.values()], needs });
    if (placement === undefined) return false;
    const taskId = `${safePath(app.id)}.${randomUUID()}`;
    const task: Task = {
      id: taskId,
      appId: app.id,
      agentId: placement.agent.id,
      host: placement.agent.hostname,
      ports: placement.hostPorts,
      version: app.configVersion,
      stagedAt: new Date().toISOString(),
      startedAt: '',
      state: 'TASK_STAGING',
      containerIp: '',
      launchedAt: Date.now(),
      killing: false,
    };
    await service.saveTask(task);
    try {
      await postJson(url('/standin/launch'), {
        agentId: task.agentId,
        task: taskInfo({ app, taskId, frameworkId: reply.id, placement }),
      });
      log(`Launched ${taskId} on ${task.host} with ports ${task.ports.join(',')}`);
      return true;
    } catch (error) {
      log(`Launching ${taskId} failed: ${reason(error)}`);
      await service.dropTask(taskId);
      return false;
    }
  };

  const reach = async (app: App, reply: FrameworkReply): Promise<void> => {
    const all = [...tasks.values()].filter((task) => task.appId === app.id && !task.killing);
    const current = all.filter((task) => task.version === app.configVersion);
    const old = all.filter((task) => task.version !== app.configVersion);
    const waits = (backoff.get(app.id)?.until ?? 0) > Date.now();
    const missing = waits ? 0 : app.instances - current.length;
    for (let count = 0; count < missing; count += 1) {
      if (!(await launch(app, reply))) break;
    }
    const running = current.filter((task) => task.state === 'TASK_RUNNING').length;
    const surplus = [...old.slice(Math.max(0, app.instances - running)), ...current.slice(app.instances)];
    for (const task of surplus) await kill(task);
  };

  const finishDeployments = (): void => {
    for (const deployment of service.deployments.values()) {
      const done = deployment.affectedApps.every((id) => {
        const app = service.apps.get(id);
        const own = [...tasks.values()].filter((task) => task.appId === id);
        return (
          own.length === (app?.instances ?? 0) &&
          own.every((task) => task.state === 'TASK_RUNNING' && task.version === app?.configVersion)
        );
      });
      if (!done) continue;
      service.deployments.delete(deployment.id);
      events.publish({
        eventType: 'deployment_success',
        id: deployment.id,
        plan: { id: deployment.id, version: deployment.version },
      });
    }
  };

  const work = async (): Promise<void> => {
    const report: FrameworkReport = {
      id: service.frameworkId(),
      name: config.frameworkName,
      hostname: config.hostname,
      webuiUrl: options.webuiUrl,
      failoverTimeoutSeconds: config.failoverTimeoutSeconds,
      acknowledged,
    };
    const reply = (await postJson(url('/standin/framework'), report, 3_000)) as FrameworkReply;
    acknowledged = [];
    if (atLeast(config.version, '1.7.0') && !atLeast(reply.masterVersion, '1.5.0')) {
      options.onFatal(
        new Fatal(
          `Mesos master ${reply.masterVersion} is older than the minimum 1.5.0 of Marathon ${config.version}`,
          106,
        ),
      );
      return;
    }
    await service.setFrameworkId(reply.id);
    for (const status of reply.tasks) await takeIn(status);
    await findLost(reply);
    for (const app of service.apps.values()) await reach(app, reply);
    for (const task of tasks.values()) if (task.killing || !service.apps.has(task.appId)) await kill(task);
    finishDeployments();
  };
  return { ...repeat({ intervalMs: 500, work, log }), kill };
}
