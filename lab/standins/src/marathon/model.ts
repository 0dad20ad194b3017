export interface AppPort {
  readonly containerPort: number;
  /** 0: any port of the agent's. */
  readonly hostPort: number;
  readonly servicePort: number;
  readonly protocol: string;
}

/** An app as it is kept. `source` is what was posted, `ports` its ports however they were written. */
export interface App {
  readonly id: string;
  readonly source: Readonly<Record<string, unknown>>;
  readonly instances: number;
  readonly ports: readonly AppPort[];
  readonly version: string;
  /** The version at which anything but `instances` changed last; tasks of older ones are replaced. */
  readonly configVersion: string;
}

export interface Task {
  readonly id: string;
  readonly appId: string;
  readonly agentId: string;
  readonly host: string;
  readonly ports: readonly number[];
  readonly version: string;
  readonly stagedAt: string;
  readonly startedAt: string;
  readonly state: string;
  readonly containerIp: string;
  readonly launchedAt: number;
  readonly killing: boolean;
}

export interface Deployment {
  readonly id: string;
  readonly version: string;
  readonly affectedApps: readonly string[];
}

/** `/group/app` → `group_app`, the form of keys and of the text format. */
export function safePath(id: string): string {
  return id.replace(/^\//, '').replaceAll('/', '_');
}
