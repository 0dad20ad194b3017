import type { ConnectionSettings } from '../../src/inventory/types.js';
import type { SshdRig } from './sshd.js';

/** Settings for a user of a rig's sshd, with anything else changed. */
export function settingsFor(
  rig: Pick<SshdRig, 'port' | 'key' | 'knownHosts'>,
  user: string,
  change: Partial<ConnectionSettings> = {},
): ConnectionSettings {
  return {
    kind: 'ssh',
    address: '127.0.0.1',
    port: rig.port,
    user,
    keys: [rig.key],
    forwardAgent: false,
    compression: false,
    identitiesOnly: true,
    hostKey: 'strict',
    knownHosts: [rig.knownHosts],
    jump: [],
    connectTimeoutSeconds: 10,
    keepaliveSeconds: 10,
    ...change,
  };
}

/** Settings for the machine the test runs on. */
export function localSettings(): ConnectionSettings {
  return {
    kind: 'local',
    address: 'localhost',
    port: 0,
    user: '',
    keys: [],
    forwardAgent: false,
    compression: false,
    identitiesOnly: false,
    hostKey: 'strict',
    knownHosts: [],
    jump: [],
    connectTimeoutSeconds: 10,
    keepaliveSeconds: 10,
  };
}
