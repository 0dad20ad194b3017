import { call } from '../shared/http-client.js';
import { reason } from '../shared/exit.js';
import type { Log } from '../shared/log.js';
import { atLeast } from '../shared/version.js';
import type { BambooConfig } from './config.js';

export interface BambooTask {
  readonly Id: string;
  readonly Host: string;
  readonly Port: number;
  readonly Ports: readonly number[];
  readonly ServicePorts: readonly number[];
  readonly State: string;
}

export interface BambooApp {
  readonly Id: string;
  readonly EscapedId: string;
  readonly HealthCheckPath: string;
  readonly HealthCheckProtocol: string;
  readonly Tasks: readonly BambooTask[];
  readonly ServicePort: number;
  readonly ServicePorts: readonly number[];
  readonly Env: Readonly<Record<string, string>>;
  readonly Labels: Readonly<Record<string, string>>;
  readonly SplitId: readonly string[];
}

interface MarathonApp {
  readonly id: string;
  readonly healthChecks?: readonly { readonly path?: string; readonly protocol?: string }[];
  readonly ports?: readonly number[];
  readonly env?: Readonly<Record<string, unknown>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly tasks?: readonly MarathonTask[];
}

interface MarathonTask {
  readonly id: string;
  readonly appId: string;
  readonly host: string;
  readonly ports?: readonly number[];
  readonly servicePorts?: readonly number[];
  readonly state?: string;
  readonly stagedAt?: string;
}

export function endpointsOf(config: BambooConfig): readonly string[] {
  return config.marathon.endpoint.split(',');
}

export function authorization(config: BambooConfig): Readonly<Record<string, string>> {
  const { user, password } = config.marathon;
  if (!atLeast(config.version, '0.2.15') || user === '' || password === '') return {};
  return { Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

/** The body as JSON whatever the status says: Bamboo never looks at it. */
async function getJson(config: BambooConfig, url: string): Promise<unknown> {
  const answer = await call({
    url,
    headers: { Accept: 'application/json', ...authorization(config) },
    timeoutMs: 15_000,
  });
  return JSON.parse(answer.body) as unknown;
}

function itemsOf(body: unknown, key: string): readonly unknown[] {
  const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[key] : undefined;
  return Array.isArray(value) ? value : [];
}

function appOf(app: MarathonApp, tasks: readonly MarathonTask[]): BambooApp {
  const withPorts = [...tasks]
    .sort((left, right) => ((left.stagedAt ?? '') < (right.stagedAt ?? '') ? -1 : 1))
    .filter((task) => (task.ports?.length ?? 0) > 0);
  const servicePorts = app.ports ?? tasks[0]?.servicePorts ?? [];
  const id = app.id.startsWith('/') ? app.id : `/${app.id}`;
  return {
    Id: id,
    EscapedId: app.id.replaceAll('/', '::'),
    HealthCheckPath: app.healthChecks?.[0]?.path ?? '',
    HealthCheckProtocol: app.healthChecks?.[0]?.protocol ?? '',
    Tasks: withPorts.map((task) => ({
      Id: task.id,
      Host: task.host,
      Port: task.ports?.[0] ?? 0,
      Ports: task.ports ?? [],
      ServicePorts: task.servicePorts ?? [],
      State: task.state ?? '',
    })),
    ServicePort: servicePorts[0] ?? 0,
    ServicePorts: servicePorts,
    Env: Object.fromEntries(Object.entries(app.env ?? {}).map(([name, value]) => [name, String(value)])),
    Labels: app.labels ?? {},
    SplitId: id.slice(1).split('/'),
  };
}

async function fetchFrom(config: BambooConfig, endpoint: string): Promise<readonly BambooApp[]> {
  if (atLeast(config.version, '0.3.0')) {
    const body = await getJson(config, `${endpoint}/v2/apps?embed=app.tasks&embed=app.deployments&embed=app.readiness`);
    return (itemsOf(body, 'apps') as readonly MarathonApp[]).map((app) => appOf(app, app.tasks ?? []));
  }
  const tasks = itemsOf(await getJson(config, `${endpoint}/v2/tasks`), 'tasks') as readonly MarathonTask[];
  const apps = new Map(
    (itemsOf(await getJson(config, `${endpoint}/v2/apps`), 'apps') as readonly MarathonApp[]).map((app) => [
      app.id,
      app,
    ]),
  );
  // Up to 0.2.20 an app is seen by its tasks: one without any is not listed.
  return [...new Set(tasks.map((task) => task.appId))].map((id) =>
    appOf(
      apps.get(id) ?? { id },
      tasks.filter((task) => task.appId === id),
    ),
  );
}

/** The apps of the first endpoint that answers with JSON, by id; rejects with the last failure. JSON without `apps` means "no apps". */
export async function fetchApps(config: BambooConfig): Promise<readonly BambooApp[]> {
  let failure: unknown = new Error('no Marathon endpoint');
  for (const endpoint of endpointsOf(config)) {
    try {
      return [...(await fetchFrom(config, endpoint))].sort((left, right) => (left.Id < right.Id ? -1 : 1));
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** Asks every Marathon once to call back; a connection that fails skips the rest, and nothing is ever tried again. */
export async function subscribe(config: BambooConfig, log: Log): Promise<void> {
  const callback = `${config.bamboo.endpoint}/api/marathon/event_callback`;
  for (const endpoint of endpointsOf(config)) {
    try {
      const answer = await call({
        method: 'POST',
        url: `${endpoint}/v2/eventSubscriptions?callbackUrl=${encodeURIComponent(callback)}`,
        headers: { 'Content-Type': 'application/json', ...authorization(config) },
        timeoutMs: 15_000,
      });
      const ok = answer.body.includes('subscribe_event');
      log(
        ok
          ? `Subscribed to ${endpoint}: ${callback}`
          : `WARN: unexpected answer to the subscription at ${endpoint}: ${answer.body.trim()}`,
      );
    } catch (error) {
      log(`An error occurred while calling Marathon callback URL: ${reason(error)}`);
      return;
    }
  }
}
