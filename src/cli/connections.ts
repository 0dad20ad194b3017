import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Diagnostics } from '../core/diagnostic.js';
import { type ConnectionOverrides, resolveConnection } from '../inventory/connection.js';
import { loadSshConfig } from '../inventory/ssh-config.js';
import type { ConnectionSettings, Inventory } from '../inventory/types.js';
import type { FileReader } from '../syntax/files.js';
import type { Value } from '../template/value.js';
import { inventoryScope, readVariable } from './host-variables.js';
import type { ConnectionOptions } from './options.js';

const connectionVariables = ['ssh', 'ansible_connection'];

export interface ConnectionsRequest {
  readonly hosts: Iterable<string>;
  readonly inventory: Inventory;
  readonly extraVars: Readonly<Record<string, Value>>;
  readonly options: ConnectionOptions;
  readonly password?: string;
  readonly files: FileReader;
  readonly diagnostics: Diagnostics;
}

/** How each host is reached: flags, inventory, ~/.ssh/config. Mistakes are found here, before any connection. */
export function resolveConnections(request: ConnectionsRequest): ReadonlyMap<string, ConnectionSettings> {
  const { inventory, extraVars, files, diagnostics } = request;
  const { username } = userInfo();
  const agentSocket = process.env['SSH_AUTH_SOCK'] ?? '';
  const home = homedir();
  const sshConfig = loadSshConfig({
    paths: [join(home, '.ssh/config'), '/etc/ssh/ssh_config'],
    files,
    home,
    localUser: username,
  });
  const surroundings = { localUser: username, home, sshConfig, ...(agentSocket === '' ? {} : { agentSocket }) };
  const variablesOf = (host: string): Readonly<Record<string, unknown>> =>
    connectionData({ inventory, host, extraVars, diagnostics });
  const settings = new Map<string, ConnectionSettings>();
  for (const host of request.hosts) {
    const resolved = resolveConnection({
      host,
      inventory,
      variablesOf,
      surroundings,
      overrides: overridesOf(request),
      diagnostics,
    });
    if (resolved !== undefined) settings.set(host, resolved);
  }
  return settings;
}

/** The two variables that decide how a host is reached; a template in them that cannot be rendered is a mistake of the inventory. */
function connectionData(request: {
  readonly inventory: Inventory;
  readonly host: string;
  readonly extraVars: Readonly<Record<string, Value>>;
  readonly diagnostics: Diagnostics;
}): Readonly<Record<string, unknown>> {
  const scope = inventoryScope(request);
  const data: Record<string, unknown> = {};
  for (const name of connectionVariables) {
    if (!scope.has(name)) continue;
    const read = readVariable(scope, name);
    if (read.kind === 'value') data[name] = read.value;
    else request.diagnostics.add(read.error.diagnostic);
  }
  return data;
}

function overridesOf(request: ConnectionsRequest): ConnectionOverrides {
  const { options, password } = request;
  return {
    ...(options.user === undefined ? {} : { user: options.user }),
    ...(options.privateKey === undefined ? {} : { keys: [options.privateKey] }),
    ...(password === undefined ? {} : { password }),
    ...(options.hostKey === undefined ? {} : { hostKey: options.hostKey }),
    ...(options.connectTimeout === undefined ? {} : { connectTimeoutSeconds: options.connectTimeout }),
  };
}
