import { within } from '../../shared/version.js';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The id that an agent reads out of a container's name: without dots the whole rest, else the second part. */
function containerId(name: string): string {
  const parts = name.slice('mesos-'.length).split('.');
  return parts.length === 1 ? (parts[0] ?? '') : (parts[1] ?? '');
}

/**
 * The containers that an agent stops at its start because it does not know them (components.md 2.8): up to 0.22 and in 1.0.0, 1.0.1 and 1.1.x
 * every one whose name starts with `mesos-`, the agent's own and the master's included; 0.23–0.28 only those with its own id, and only
 * after a recovery; 1.0.2+ (1.0.x) and 1.2 and later only those whose id part is a UUID.
 */
export function orphansAmong(options: {
  version: string;
  names: readonly string[];
  /** Names of containers that belong to tasks this agent recovered. */
  known: readonly string[];
  recoveredId: string | undefined;
  killOrphans: boolean;
}): readonly string[] {
  if (!options.killOrphans) return [];
  const strangers = options.names.filter((name) => name.startsWith('mesos-') && !options.known.includes(name));
  if (within(options.version, '0.23.0', '1.0.0')) {
    return options.recoveredId === undefined
      ? []
      : strangers.filter((name) => name.startsWith(`mesos-${options.recoveredId}`));
  }
  const takesAll =
    within(options.version, '0', '0.23.0') ||
    within(options.version, '1.0.0', '1.0.2') ||
    within(options.version, '1.1.0', '1.2.0');
  return takesAll ? strangers : strangers.filter((name) => uuid.test(containerId(name)));
}
