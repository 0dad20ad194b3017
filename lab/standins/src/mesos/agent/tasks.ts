import { randomUUID } from 'node:crypto';
import { reason } from '../../shared/exit.js';
import type { ContainerSummary, Docker } from '../../shared/docker.js';
import type { Log } from '../../shared/log.js';
import { isTerminal, type TaskInfo, type TaskState, type TaskStatus } from '../protocol.js';
import { AGENT_LABEL, containerSettings, STAGED_LABEL, TASK_LABEL } from './container-settings.js';

interface Running {
  readonly container: string;
  readonly killed: boolean;
}

/** The tasks of one agent as Docker containers. */
export interface Tasks {
  readonly statuses: () => readonly TaskStatus[];
  /** Containers of tasks, by name. */
  readonly containerNames: () => readonly string[];
  /** Takes back the containers that carry this agent's label. */
  readonly recover: (agentId: string) => Promise<void>;
  readonly launch: (task: TaskInfo, agentId: string) => void;
  readonly kill: (taskId: string) => Promise<void>;
  readonly killAll: () => Promise<void>;
  /** Compares with Docker: a container that ended ends its task. */
  readonly refresh: () => Promise<void>;
  /** Forgets ends that the master has taken in. */
  readonly forget: (taskIds: readonly string[]) => void;
}

export function openTasks(options: {
  docker: Docker;
  hostname: string;
  stopTimeoutSeconds: number;
  onChange: () => void;
  log: Log;
}): Tasks {
  const { docker, log } = options;
  const statuses = new Map<string, TaskStatus>();
  const running = new Map<string, Running>();

  const set = (taskId: string, change: Partial<TaskStatus>): void => {
    const status = statuses.get(taskId);
    if (status === undefined || isTerminal(status.state)) return;
    statuses.set(taskId, { ...status, ...change });
    if (change.state !== undefined)
      log(`Task ${taskId}: ${change.state}${change.message ? ` (${change.message})` : ''}`);
    options.onChange();
  };
  const end = (taskId: string, state: TaskState, message: string): void => {
    running.delete(taskId);
    set(taskId, { state, message });
  };

  const start = async (task: TaskInfo, agentId: string, name: string): Promise<void> => {
    const image = task.docker?.image;
    if (image === undefined) return end(task.taskId, 'TASK_FAILED', 'the lab stand-in runs Docker tasks only');
    try {
      if (task.docker?.forcePullImage || !(await docker.hasImage(image))) await docker.pull(image);
      if (running.get(task.taskId)?.killed ?? true)
        return end(task.taskId, 'TASK_KILLED', 'killed before its container was made');
      const stagedAt = statuses.get(task.taskId)?.stagedAt ?? '';
      const id = await docker.create(name, containerSettings({ task, agentId, hostname: options.hostname, stagedAt }));
      await docker.start(id);
      const details = await docker.inspect(id);
      set(task.taskId, {
        state: 'TASK_RUNNING',
        containerIp: details.NetworkSettings.IPAddress ?? '',
        startedAt: new Date().toISOString(),
      });
    } catch (error) {
      await docker.remove(name).catch(() => undefined);
      end(task.taskId, 'TASK_FAILED', reason(error));
    }
  };

  const ended = async (taskId: string, summary: ContainerSummary | undefined): Promise<void> => {
    const { killed, container } = running.get(taskId) ?? { killed: false, container: '' };
    const exitCode = summary === undefined ? undefined : (await docker.inspect(summary.Id)).State.ExitCode;
    if (summary !== undefined) await docker.remove(container).catch(() => undefined);
    if (killed) end(taskId, 'TASK_KILLED', 'Container killed by the scheduler');
    else if (exitCode === 0) end(taskId, 'TASK_FINISHED', 'Container exited with status 0');
    else
      end(
        taskId,
        'TASK_FAILED',
        exitCode === undefined ? 'Container is gone' : `Container exited with status ${exitCode}`,
      );
  };

  const kill = async (taskId: string): Promise<void> => {
    const entry = running.get(taskId);
    if (entry === undefined) return;
    running.set(taskId, { ...entry, killed: true });
    await docker.stop(entry.container, options.stopTimeoutSeconds).catch((error: unknown) => log(reason(error)));
  };

  return {
    statuses: () => [...statuses.values()],
    containerNames: () => [...running.values()].map(({ container }) => container),
    recover: async (agentId) => {
      for (const summary of await docker.list()) {
        const label = summary.Labels[TASK_LABEL];
        if (label === undefined || summary.Labels[AGENT_LABEL] !== agentId) continue;
        const task = JSON.parse(label) as TaskInfo;
        const details = await docker.inspect(summary.Id);
        const stagedAt = summary.Labels[STAGED_LABEL] ?? '';
        running.set(task.taskId, { container: (summary.Names[0] ?? '').replace(/^\//, ''), killed: false });
        statuses.set(task.taskId, {
          task,
          agentId,
          state: 'TASK_RUNNING',
          message: '',
          containerIp: details.NetworkSettings.IPAddress ?? '',
          stagedAt,
          startedAt: stagedAt,
        });
        log(`Recovered task ${task.taskId}`);
      }
    },
    launch: (task, agentId) => {
      if (statuses.has(task.taskId)) return;
      const name = `mesos-${agentId}.${randomUUID()}`;
      statuses.set(task.taskId, {
        task,
        agentId,
        state: 'TASK_STAGING',
        message: '',
        containerIp: '',
        stagedAt: new Date().toISOString(),
        startedAt: '',
      });
      running.set(task.taskId, { container: name, killed: false });
      log(`Launching task ${task.taskId} in container ${name}`);
      void start(task, agentId, name);
    },
    kill,
    killAll: async () => void (await Promise.all([...running.keys()].map(kill))),
    refresh: async () => {
      const containers = await docker.list();
      for (const [taskId, { container }] of running) {
        if (statuses.get(taskId)?.state !== 'TASK_RUNNING') continue;
        const summary = containers.find(({ Names }) => Names.includes(`/${container}`));
        if (summary === undefined || summary.State !== 'running') await ended(taskId, summary);
      }
    },
    forget: (taskIds) => {
      for (const taskId of taskIds)
        if (isTerminal(statuses.get(taskId)?.state ?? 'TASK_STAGING')) statuses.delete(taskId);
    },
  };
}
