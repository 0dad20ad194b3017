import type { AgentOffer, TaskInfo } from '../mesos/protocol.js';
import { containerOf } from './app-definition.js';
import { safePath, type App, type Task } from './model.js';

export interface Placement {
  readonly agent: AgentOffer;
  readonly hostPorts: readonly number[];
}

function satisfies(app: App, agent: AgentOffer, tasks: readonly Task[]): boolean {
  const constraints = (app.source['constraints'] ?? []) as readonly (readonly string[])[];
  return constraints.every(([field = '', operator, value]) => {
    const has = field === 'hostname' ? agent.hostname : agent.attributes[field];
    if (operator === 'UNIQUE') return !tasks.some((task) => task.appId === app.id && task.agentId === agent.id);
    if (operator === 'CLUSTER' || operator === 'IS') return value === undefined || has === value;
    if (operator === 'LIKE') return new RegExp(`^(?:${value ?? ''})$`).test(has ?? '');
    if (operator === 'UNLIKE') return !new RegExp(`^(?:${value ?? ''})$`).test(has ?? '');
    return true;
  });
}

/** Host ports for one instance, or undefined when the agent cannot give them. */
function portsOn(
  app: App,
  agent: AgentOffer,
  tasks: readonly Task[],
  random: () => number,
): readonly number[] | undefined {
  const taken = new Set(tasks.filter((task) => task.agentId === agent.id).flatMap((task) => task.ports));
  const [low, high] = agent.resources.ports;
  const chosen: number[] = [];
  for (const { hostPort } of app.ports) {
    let port = hostPort;
    if (port === 0) {
      const start = Math.floor(random() * (high - low + 1));
      for (let step = 0; step <= high - low && (port === 0 || taken.has(port)); step += 1)
        port = low + ((start + step) % (high - low + 1));
    }
    if (taken.has(port)) return undefined;
    taken.add(port);
    chosen.push(port);
  }
  return chosen;
}

/** Where the next instance goes: the agent with the fewest of the app's, then the fewest tasks at all, that has the resources and ports. */
export function place(options: {
  app: App;
  agents: readonly AgentOffer[];
  tasks: readonly Task[];
  /** CPUs and memory that a task of an app takes. */
  needs: (appId: string) => { readonly cpus: number; readonly mem: number };
  random?: () => number;
}): Placement | undefined {
  const { app, tasks, needs } = options;
  const on = (agent: AgentOffer, only?: string): readonly Task[] =>
    tasks.filter((task) => task.agentId === agent.id && (only === undefined || task.appId === only));
  const fits = (agent: AgentOffer): boolean => {
    const used = on(agent).map((task) => needs(task.appId));
    const wanted = needs(app.id);
    return (
      used.reduce((sum, { cpus }) => sum + cpus, wanted.cpus) <= agent.resources.cpus + 1e-9 &&
      used.reduce((sum, { mem }) => sum + mem, wanted.mem) <= agent.resources.mem
    );
  };
  const candidates = options.agents
    .filter((agent) => agent.offered && fits(agent) && satisfies(app, agent, tasks))
    .sort((left, right) => on(left, app.id).length - on(right, app.id).length || on(left).length - on(right).length);
  for (const agent of candidates) {
    const hostPorts = portsOn(app, agent, tasks, options.random ?? Math.random);
    if (hostPorts !== undefined) return { agent, hostPorts };
  }
  return undefined;
}

/** The task that an agent is asked to start, with Marathon's own environment (PORT0, MARATHON_APP_ID, …). */
export function taskInfo(options: { app: App; taskId: string; frameworkId: string; placement: Placement }): TaskInfo {
  const { app, placement } = options;
  const { source } = app;
  const spec = containerOf(source);
  const given = (source['env'] ?? {}) as Readonly<Record<string, unknown>>;
  const ports = placement.hostPorts;
  const inside = ports.map((port, index) =>
    spec.network === 'BRIDGE' ? app.ports[index]?.containerPort || port : port,
  );
  return {
    taskId: options.taskId,
    name: safePath(app.id),
    frameworkId: options.frameworkId,
    docker:
      spec.image === undefined
        ? undefined
        : {
            image: spec.image,
            network: spec.network,
            forcePullImage: spec.forcePullImage,
            privileged: spec.privileged,
            portMappings: ports.map((hostPort, index) => ({
              containerPort: app.ports[index]?.containerPort || hostPort,
              hostPort,
              protocol: app.ports[index]?.protocol ?? 'tcp',
            })),
          },
    command: typeof source['cmd'] === 'string' ? source['cmd'] : undefined,
    args: Array.isArray(source['args']) ? source['args'].map(String) : [],
    env: {
      ...Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)])),
      MARATHON_APP_ID: app.id,
      MARATHON_APP_VERSION: app.version,
      ...(spec.image === undefined ? {} : { MARATHON_APP_DOCKER_IMAGE: spec.image }),
      ...Object.fromEntries(inside.map((port, index) => [`PORT${index}`, String(port)])),
      ...(inside[0] === undefined ? {} : { PORT: String(inside[0]) }),
      PORTS: inside.join(','),
    },
    volumes: spec.volumes,
    cpus: typeof source['cpus'] === 'number' ? source['cpus'] : 0.1,
    mem: typeof source['mem'] === 'number' ? source['mem'] : 128,
    ports,
  };
}
