/** The stand-ins' own messages between agent, master and Marathon (`/standin/…`); the real programs speak protobuf here. */

export interface PortMapping {
  readonly containerPort: number;
  readonly hostPort: number;
  readonly protocol: string;
}

export interface DockerTask {
  readonly image: string;
  readonly network: 'BRIDGE' | 'HOST' | 'NONE';
  readonly forcePullImage: boolean;
  readonly privileged: boolean;
  readonly portMappings: readonly PortMapping[];
}

export interface TaskInfo {
  readonly taskId: string;
  readonly name: string;
  readonly frameworkId: string;
  readonly docker: DockerTask | undefined;
  readonly command: string | undefined;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly volumes: readonly { readonly containerPath: string; readonly hostPath: string; readonly mode: string }[];
  readonly cpus: number;
  /** Megabytes. */
  readonly mem: number;
  readonly ports: readonly number[];
}

export type TaskState = 'TASK_STAGING' | 'TASK_RUNNING' | 'TASK_FINISHED' | 'TASK_FAILED' | 'TASK_KILLED' | 'TASK_LOST';

export interface TaskStatus {
  readonly task: TaskInfo;
  readonly agentId: string;
  readonly state: TaskState;
  readonly message: string;
  readonly containerIp: string;
  readonly stagedAt: string;
  readonly startedAt: string;
}

export function isTerminal(state: TaskState): boolean {
  return state !== 'TASK_STAGING' && state !== 'TASK_RUNNING';
}

export interface Resources {
  readonly cpus: number;
  readonly mem: number;
  readonly disk: number;
  readonly ports: readonly [number, number];
}

/** Registration and heartbeat in one: an agent says all of this about once a second. */
export interface AgentReport {
  readonly id: string | undefined;
  readonly hostname: string;
  readonly ip: string;
  readonly port: number;
  readonly version: string;
  readonly resources: Resources;
  readonly attributes: Readonly<Record<string, string>>;
  readonly tasks: readonly TaskStatus[];
}

/** `shutdown`: the master has forgotten this agent for good; it is to stop its tasks and come back as a new one. */
export interface AgentReply {
  readonly id: string;
  readonly shutdown: boolean;
}

export interface FrameworkReport {
  readonly id: string | undefined;
  readonly name: string;
  readonly hostname: string;
  readonly webuiUrl: string;
  readonly failoverTimeoutSeconds: number;
  /** Ends of tasks that the framework has taken in. */
  readonly acknowledged: readonly string[];
}

export interface AgentOffer {
  readonly id: string;
  readonly hostname: string;
  readonly ip: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly resources: Resources;
  /** False while disconnected, deactivated or draining. */
  readonly offered: boolean;
  /** In a maintenance window that has begun; only a framework that minds maintenance declines it. */
  readonly unavailable: boolean;
  readonly connected: boolean;
}

export interface FrameworkReply {
  readonly id: string;
  readonly masterVersion: string;
  readonly agents: readonly AgentOffer[];
  /** Agents of the registry that have not come back since the master was elected; their tasks may still run. */
  readonly awaitedAgents: readonly string[];
  readonly tasks: readonly TaskStatus[];
}
