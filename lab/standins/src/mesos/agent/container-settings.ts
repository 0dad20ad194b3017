import type { TaskInfo } from '../protocol.js';

/** The label by which an agent finds its tasks again: the task as JSON. */
export const TASK_LABEL = 'lab.standin.mesos.task';
export const AGENT_LABEL = 'lab.standin.mesos.agent';
export const STAGED_LABEL = 'lab.standin.mesos.staged';

/** The body of Docker's `POST /containers/create` for a task. */
export function containerSettings(options: {
  task: TaskInfo;
  agentId: string;
  hostname: string;
  stagedAt: string;
}): Readonly<Record<string, unknown>> {
  const { task } = options;
  const docker = task.docker;
  const mappings = docker?.network === 'BRIDGE' ? docker.portMappings : [];
  const exposed = mappings.map(({ containerPort, hostPort, protocol }) => ({
    key: `${containerPort}/${protocol}`,
    hostPort: String(hostPort),
  }));
  const environment = {
    ...task.env,
    HOST: options.hostname,
    MESOS_TASK_ID: task.taskId,
    MESOS_SANDBOX: '/mnt/mesos/sandbox',
  };
  return {
    Image: docker?.image,
    ...(task.command === undefined ? {} : { Cmd: ['/bin/sh', '-c', task.command] }),
    ...(task.command === undefined && task.args.length > 0 ? { Cmd: task.args } : {}),
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    ExposedPorts: Object.fromEntries(exposed.map(({ key }) => [key, {}])),
    Labels: { [TASK_LABEL]: JSON.stringify(task), [AGENT_LABEL]: options.agentId, [STAGED_LABEL]: options.stagedAt },
    HostConfig: {
      NetworkMode: (docker?.network ?? 'BRIDGE').toLowerCase(),
      PortBindings: Object.fromEntries(exposed.map(({ key, hostPort }) => [key, [{ HostPort: hostPort }]])),
      Binds: task.volumes.map(
        ({ hostPath, containerPath, mode }) => `${hostPath}:${containerPath}:${mode.toLowerCase()}`,
      ),
      Privileged: docker?.privileged ?? false,
      CpuShares: Math.max(2, Math.round(task.cpus * 1024)),
      Memory: Math.max(32, task.mem) * 1024 * 1024,
    },
  };
}
