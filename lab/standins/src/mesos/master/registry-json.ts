import { atLeast } from '../../shared/version.js';
import type { Master } from './master.js';

/**
 * `/registrar(1)/registry`: the registry as it is stored; empty on a master that does not lead. From 1.8 on it says which
 * capabilities a master must have to read it (docs/downgrades.md): AGENT_DRAINING once an agent is drained or deactivated.
 */
export function registryJson(master: Master): Readonly<Record<string, unknown>> {
  const registry = master.registry();
  if (registry === undefined) return {};
  const capabilities = [...registry.draining, ...registry.deactivated].length > 0 ? ['AGENT_DRAINING'] : [];
  return {
    slaves: {
      slaves: registry.agents.map(({ id, hostname, port }) => ({ info: { id: { value: id }, hostname, port } })),
    },
    ...(atLeast(master.config.version, '1.8.0') && capabilities.length > 0
      ? { minimum_capabilities: capabilities.map((capability) => ({ capability })) }
      : {}),
  };
}
