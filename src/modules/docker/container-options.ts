import type Docker from 'dockerode';
import { ModuleFailure } from '../types.js';
import type { ContainerParams } from './container-params.js';
import { madeLabels, type WantedParts } from './container-wanted.js';
import { fullImageName } from './image-name.js';
import { parseSize } from './sizes.js';

/** The engine knows more than dockerode's types do. */
interface HostConfig extends Docker.HostConfig {
  CgroupnsMode?: string;
}

/** What the engine is asked for, from a task's parameters. Throws ModuleFailure for a setting that makes no sense. */
export function createOptions(
  params: ContainerParams,
  parts: WantedParts,
): Docker.ContainerCreateOptions & { HostConfig: HostConfig } {
  const ports = params.ports.map(parsePort);
  return {
    Image: fullImageName(params.image ?? ''),
    Env: Object.entries(params.env).map(([name, value]) => `${name}=${value}`),
    Labels: { ...params.labels, ...madeLabels(parts) },
    ExposedPorts: Object.fromEntries(ports.map((port) => [port.inside, {}])),
    ...given('Cmd', params.command && [...params.command]),
    ...given('Entrypoint', params.entrypoint && [...params.entrypoint]),
    ...given('User', params.user),
    ...given('Hostname', params.hostname),
    ...given('WorkingDir', params.working_dir),
    ...given('StopTimeout', params.stop_timeout),
    ...given('StopSignal', params.stop_signal),
    ...given('Healthcheck', params.health_check && healthCheck(params.health_check)),
    HostConfig: hostConfig(params, ports),
    ...given('NetworkingConfig', firstNetwork(params)),
  };
}

function hostConfig(params: ContainerParams, ports: readonly Port[]): HostConfig {
  return {
    Binds: [...params.volumes],
    PortBindings: portBindings(ports),
    Privileged: params.privileged,
    CapAdd: [...params.cap_add],
    CapDrop: [...params.cap_drop],
    SecurityOpt: [...params.security_opts],
    Devices: params.devices.map(parseDevice),
    Tmpfs: Object.fromEntries(params.tmpfs.map(parseTmpfs)),
    Ulimits: params.ulimits.map(parseUlimit),
    ExtraHosts: Object.entries(params.etc_hosts).map(([name, address]) => `${name}:${address}`),
    Init: params.init,
    ReadonlyRootfs: params.read_only,
    ...given('NetworkMode', params.network_mode ?? networkName(params.networks[0])),
    ...given(
      'RestartPolicy',
      params.restart_policy === undefined ? undefined : parseRestartPolicy(params.restart_policy),
    ),
    ...given('PidMode', params.pid_mode),
    ...given('IpcMode', params.ipc_mode),
    ...given('CgroupnsMode', params.cgroupns_mode),
    ...given('Memory', params.memory === undefined ? undefined : parseSize(params.memory)),
    ...given('ShmSize', params.shm_size === undefined ? undefined : parseSize(params.shm_size)),
    ...given('NanoCpus', params.cpus === undefined ? undefined : Math.round(params.cpus * 1e9)),
    ...given(
      'LogConfig',
      params.log_driver === undefined ? undefined : { Type: params.log_driver, Config: { ...params.log_options } },
    ),
  };
}

/** A member only when it is given: the engine takes null for an answer. */
function given<Name extends string, Item>(name: Name, value: Item | undefined): Partial<Record<Name, Item>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Item>);
}

interface Port {
  readonly inside: string;
  readonly address: string;
  readonly outside: string;
}

function parsePort(text: string): Port {
  const match = /^(?:(?:(\[[0-9a-fA-F:]+\]|[\d.]+):)?(\d*):)?(\d+)(?:\/(tcp|udp|sctp))?$/.exec(text);
  if (!match) throw new ModuleFailure(`${text} is no published port: write 8080:80 or 127.0.0.1:8080:80/tcp`);
  const [, address = '', outside = '', inside = '', protocol = 'tcp'] = match;
  return { inside: `${inside}/${protocol}`, address, outside };
}

function portBindings(ports: readonly Port[]): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of ports)
    (bindings[port.inside] ??= []).push({ HostIp: port.address.replace(/^\[|\]$/g, ''), HostPort: port.outside });
  return bindings;
}

function parseDevice(text: string): { PathOnHost: string; PathInContainer: string; CgroupPermissions: string } {
  const [outside = '', inside = outside, rights = 'rwm'] = text.split(':');
  return { PathOnHost: outside, PathInContainer: inside, CgroupPermissions: rights };
}

function parseTmpfs(text: string): [string, string] {
  const colon = text.indexOf(':');
  return colon === -1 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
}

function parseUlimit(text: string): { Name: string; Soft: number; Hard: number } {
  const match = /^(\w+)[:=](-?\d+)(?::(-?\d+))?$/.exec(text);
  if (!match) throw new ModuleFailure(`${text} is no limit: write nofile:1024 or nofile:1024:2048`);
  return { Name: match[1] ?? '', Soft: Number(match[2]), Hard: Number(match[3] ?? match[2]) };
}

export function parseRestartPolicy(text: string): { Name: string; MaximumRetryCount?: number } {
  const [name = '', times] = text.split(':');
  return { Name: name, ...(times === undefined ? {} : { MaximumRetryCount: Number(times) }) };
}

function healthCheck(check: NonNullable<ContainerParams['health_check']>): Docker.HealthConfig {
  const nanoseconds = (seconds: number): number => Math.round(seconds * 1e9);
  return {
    Test: typeof check.test === 'string' ? ['CMD-SHELL', check.test] : [...check.test],
    Interval: nanoseconds(check.interval),
    Timeout: nanoseconds(check.timeout),
    Retries: check.retries,
    StartPeriod: nanoseconds(check.start_period),
  };
}

type Network = ContainerParams['networks'][number];

function networkName(network: Network | undefined): string | undefined {
  return typeof network === 'object' ? network.name : network;
}

function firstNetwork(params: ContainerParams): Docker.ContainerCreateOptions['NetworkingConfig'] | undefined {
  const [first] = params.networks;
  const name = networkName(first);
  return first === undefined || name === undefined ? undefined : { EndpointsConfig: { [name]: endpoint(first) } };
}

/** Networks beyond the first, which a container joins after it was made. */
export function furtherNetworks(
  params: ContainerParams,
): readonly { readonly name: string; readonly endpoint: Docker.EndpointSettings }[] {
  return params.networks.slice(1).map((network) => ({ name: networkName(network) ?? '', endpoint: endpoint(network) }));
}

function endpoint(network: Network): Docker.EndpointSettings {
  if (typeof network === 'string') return {};
  return {
    ...given('Aliases', network.aliases),
    ...given('IPAMConfig', network.ipv4_address === undefined ? undefined : { IPv4Address: network.ipv4_address }),
  };
}
