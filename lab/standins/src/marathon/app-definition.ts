import { textOr } from '../shared/text.js';
import { atLeast } from '../shared/version.js';
import type { App, AppPort } from './model.js';

type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function list(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fields) : [];
}

function integer(value: unknown, fallback: number): number {
  return typeof value === 'number' && Number.isInteger(value) ? value : fallback;
}

export interface ContainerSpec {
  readonly image: string | undefined;
  readonly network: 'BRIDGE' | 'HOST' | 'NONE';
  readonly forcePullImage: boolean;
  readonly privileged: boolean;
  readonly volumes: readonly { readonly containerPath: string; readonly hostPath: string; readonly mode: string }[];
}

/** The container of an app in the old words (`docker.network`) or the new (`networks`); every version takes both. */
export function containerOf(source: Fields): ContainerSpec {
  const container = fields(source['container']);
  const docker = fields(container['docker']);
  const mode = list(source['networks'])[0]?.['mode'];
  const network = textOr(docker['network'], mode === 'container/bridge' ? 'BRIDGE' : 'HOST').toUpperCase();
  return {
    image: typeof docker['image'] === 'string' ? docker['image'] : undefined,
    network: network === 'BRIDGE' || network === 'NONE' ? network : 'HOST',
    forcePullImage: docker['forcePullImage'] === true,
    privileged: docker['privileged'] === true,
    volumes: list(container['volumes']).map((volume) => ({
      containerPath: textOr(volume['containerPath'], ''),
      hostPath: textOr(volume['hostPath'], ''),
      mode: textOr(volume['mode'], 'RW'),
    })),
  };
}

function portsOf(source: Fields, freeServicePort: () => number): readonly AppPort[] {
  const container = fields(source['container']);
  const mappings = list(container['portMappings'] ?? fields(container['docker'])['portMappings']);
  if (containerOf(source).network === 'BRIDGE') {
    return mappings.map((mapping) => ({
      containerPort: integer(mapping['containerPort'], 0),
      hostPort: integer(mapping['hostPort'], 0),
      servicePort: integer(mapping['servicePort'], 0) || freeServicePort(),
      protocol: textOr(mapping['protocol'], 'tcp'),
    }));
  }
  const listed = Array.isArray(source['ports']) ? (source['ports'] as unknown[]) : undefined;
  const defined = Array.isArray(source['portDefinitions'])
    ? list(source['portDefinitions']).map(({ port }) => port)
    : undefined;
  return (listed ?? defined ?? [0]).map((port) => {
    const servicePort = integer(port, 0) || freeServicePort();
    return {
      containerPort: 0,
      hostPort: source['requirePorts'] === true ? servicePort : 0,
      servicePort,
      protocol: 'tcp',
    };
  });
}

/** Why an app cannot be taken; undefined when it can. */
export function invalid(id: string, source: Fields): string | undefined {
  if (!/^\/?([a-z0-9][a-z0-9.-]*\/)*[a-z0-9][a-z0-9.-]*$/.test(id)) return `id: '${id}' is not a valid path`;
  const hasCommand = typeof source['cmd'] === 'string' || (Array.isArray(source['args']) && source['args'].length > 0);
  if (!hasCommand && containerOf(source).image === undefined)
    return "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.";
  if (source['instances'] !== undefined && integer(source['instances'], -1) < 0)
    return 'instances: must be a whole number, 0 or more';
  return undefined;
}

/** The app after a POST or PUT: `source` over what was there before. A change of `instances` alone keeps its tasks. */
export function appFrom(options: {
  id: string;
  source: Fields;
  before: App | undefined;
  now: string;
  freeServicePort: () => number;
}): App {
  const { before, now } = options;
  const { version: _version, deployments: _deployments, tasks: _tasks, ...given } = options.source;
  const source: Fields = { ...before?.source, ...given, id: options.id };
  const shape = (value: Fields | undefined): string =>
    JSON.stringify({ ...value, instances: 0 }, Object.keys({ ...value, instances: 0 }).sort());
  const deep = (value: Fields | undefined): string =>
    `${shape(value)}${JSON.stringify(value?.['container'])}${JSON.stringify(value?.['env'])}`;
  const sameConfig = before !== undefined && deep(before.source) === deep(source);
  return {
    id: options.id,
    source,
    instances: integer(source['instances'], 1),
    ports: sameConfig ? before.ports : portsOf(source, options.freeServicePort),
    version: now,
    configVersion: sameConfig ? before.configVersion : now,
  };
}

/** The app as `/v2/apps` shows it; from 1.5 on only in the new words (no `ports`, no `uris`, no `docker.network`). */
export function appJson(app: App, marathonVersion: string): Fields {
  const { source } = app;
  const container = fields(source['container']);
  const docker = fields(container['docker']);
  const { network } = containerOf(source);
  const common = {
    id: app.id,
    cmd: source['cmd'] ?? null,
    args: source['args'] ?? null,
    user: source['user'] ?? null,
    env: source['env'] ?? {},
    instances: app.instances,
    cpus: source['cpus'] ?? 0.1,
    mem: source['mem'] ?? 128,
    disk: source['disk'] ?? 0,
    executor: source['executor'] ?? '',
    constraints: source['constraints'] ?? [],
    requirePorts: source['requirePorts'] ?? false,
    backoffSeconds: source['backoffSeconds'] ?? 1,
    backoffFactor: source['backoffFactor'] ?? 1.15,
    healthChecks: source['healthChecks'] ?? [],
    dependencies: source['dependencies'] ?? [],
    upgradeStrategy: source['upgradeStrategy'] ?? { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
    labels: source['labels'] ?? {},
    version: app.version,
    versionInfo: { lastScalingAt: app.version, lastConfigChangeAt: app.configVersion },
  };
  const mappings = app.ports.map(({ containerPort, hostPort, servicePort, protocol }) => ({
    containerPort,
    hostPort,
    servicePort,
    protocol,
  }));
  const bridged = network === 'BRIDGE';
  if (!atLeast(marathonVersion, '1.5.0')) {
    return {
      ...common,
      uris: source['uris'] ?? [],
      ports: app.ports.map(({ servicePort }) => servicePort),
      container:
        source['container'] === undefined
          ? null
          : {
              ...container,
              ...(docker['image'] === undefined
                ? {}
                : { docker: { ...docker, network, ...(bridged ? { portMappings: mappings } : {}) } }),
            },
    };
  }
  const { network: _network, portMappings: _mappings, ...dockerRest } = docker;
  return {
    ...common,
    fetch: source['fetch'] ?? [],
    networks: [{ mode: bridged ? 'container/bridge' : 'host' }],
    ...(bridged
      ? {}
      : { portDefinitions: app.ports.map(({ servicePort, protocol }) => ({ port: servicePort, protocol })) }),
    ...(source['container'] === undefined
      ? {}
      : { container: { ...container, docker: dockerRest, ...(bridged ? { portMappings: mappings } : {}) } }),
  };
}
