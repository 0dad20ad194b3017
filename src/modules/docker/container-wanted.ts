import { createHash } from 'node:crypto';
import type { Value } from '../../template/value.js';
import { reservedLabels, type ContainerParams } from './container-params.js';
import { fullImageName } from './image-name.js';

/** One part of a container's wanted state. */
export interface WantedPart {
  /** What is shown. */
  readonly value: Value;
  /** What is compared and kept: never the value itself. */
  readonly hash: string;
}

/** The wanted state, part by part ("image", "env.PATH", "volumes"); a part that nobody asked for is left out. */
export type WantedParts = ReadonlyMap<string, WantedPart>;

/** The label with the hash of the whole wanted state, and the one with the hashes of its parts. */
export const hashLabel = `${reservedLabels}hash`;
export const partsLabel = `${reservedLabels}parts`;

/**
 * The canonical form of what was asked for: the same for any order of keys, and of lists whose order means nothing.
 * A setting that is not given is no part of it, so a new setting of a later version recreates nothing.
 */
export function wantedParts(params: ContainerParams, configFiles: ReadonlyMap<string, string>): WantedParts {
  const parts = new Map<string, WantedPart>();
  const add = (name: string, value: Value | undefined): void => {
    if (value !== undefined) parts.set(name, { value, hash: shortHash(value) });
  };
  const list = (name: string, values: readonly string[]): void =>
    add(name, values.length === 0 ? undefined : [...values].sort());
  const map = (name: string, values: Readonly<Record<string, string>>): void => {
    for (const [key, value] of Object.entries(values)) add(`${name}.${key}`, value);
  };
  const only = (name: string, value: boolean): void => add(name, value || undefined);
  if (params.image !== undefined) add('image', fullImageName(params.image));
  add('command', params.command);
  add('entrypoint', params.entrypoint);
  map('env', params.env);
  list('volumes', params.volumes);
  list('ports', params.ports);
  add('network_mode', params.network_mode);
  if (params.networks.length > 0) add('networks', params.networks.map((network) => canonical(network)).sort());
  add('restart_policy', params.restart_policy);
  only('privileged', params.privileged);
  add('pid_mode', params.pid_mode);
  add('ipc_mode', params.ipc_mode);
  add('cgroupns_mode', params.cgroupns_mode);
  map('labels', params.labels);
  add('user', params.user);
  add('hostname', params.hostname);
  add('working_dir', params.working_dir);
  list('cap_add', params.cap_add);
  list('cap_drop', params.cap_drop);
  list('security_opts', params.security_opts);
  list('devices', params.devices);
  list('tmpfs', params.tmpfs);
  list('ulimits', params.ulimits);
  map('etc_hosts', params.etc_hosts);
  add('memory', params.memory);
  add('cpus', params.cpus);
  add('shm_size', params.shm_size);
  add('log_driver', params.log_driver);
  map('log_options', params.log_options);
  only('init', params.init);
  only('read_only', params.read_only);
  add('stop_timeout', params.stop_timeout);
  add('stop_signal', params.stop_signal);
  if (params.health_check !== undefined) add('health_check', canonical(params.health_check));
  // The file's own hash, so that a preview can tell whether a content that would be written is the one it started with.
  for (const [path, hash] of configFiles) parts.set(configFilePart(path), { value: hash.slice(0, 12), hash });
  return parts;
}

/** The part of a file of `config_files`. */
export function configFilePart(path: string): string {
  return `config_files.${path}`;
}

/** The hash of a whole wanted state. */
export function wantedHash(parts: WantedParts): string {
  return sha256(partsText(parts));
}

/** The labels a container is made with: they remember what it was made from, as hashes. */
export function madeLabels(parts: WantedParts): Readonly<Record<string, string>> {
  return { [hashLabel]: wantedHash(parts), [partsLabel]: partsText(parts) };
}

/** What a container's label remembers; undefined for one that was not made by us. */
export function rememberedParts(
  labels: Readonly<Record<string, string>> | null | undefined,
): ReadonlyMap<string, string> | undefined {
  const text = labels?.[partsLabel];
  if (text === undefined) return undefined;
  try {
    const data: unknown = JSON.parse(text);
    if (typeof data !== 'object' || data === null) return undefined;
    return new Map(Object.entries(data).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return undefined;
  }
}

function partsText(parts: WantedParts): string {
  const names = [...parts.keys()].sort();
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, parts.get(name)?.hash])));
}

/** Enough to tell two values apart; what is kept beside the container must not give a secret away. */
function shortHash(value: Value): string {
  return sha256(canonical(value)).slice(0, 16);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );
}
