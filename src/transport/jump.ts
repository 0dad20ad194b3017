import { UnreachableError } from '../core/errors.js';
import type { ConnectionSettings } from '../inventory/types.js';
import { openConnection, type OpenOptions } from './open-connection.js';
import type { SshConnection } from './ssh-connection.js';

/**
 * Opens the connection to one jump host, through the one before it if there is one; its host key is checked like any
 * other. Throws UnreachableError of reason `jump-host` that names the hop.
 */
export async function openHop(hop: ConnectionSettings, options: OpenOptions): Promise<SshConnection> {
  try {
    const { connection, deadline } = await openConnection(hop, options);
    deadline.dispose();
    return connection;
  } catch (error) {
    if (!(error instanceof UnreachableError) || error.reason === 'jump-host') throw error;
    throw new UnreachableError({
      host: options.host,
      reason: 'jump-host',
      message: `the jump host ${hop.address} is not reachable: ${error.message}`,
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}

/** Opens a chain of jump hosts, first hop first, and gives the connection to the last; all go into `opened`. */
export async function openChain(
  jump: readonly ConnectionSettings[],
  options: OpenOptions & { readonly opened: SshConnection[] },
): Promise<SshConnection> {
  let previous: SshConnection | undefined;
  for (const hop of jump) {
    const before = previous;
    const through = before === undefined ? undefined : () => Promise.resolve(before);
    previous = await openHop(hop, { ...options, through });
    options.opened.push(previous);
  }
  if (previous === undefined) throw new RangeError('a chain of jump hosts needs at least one');
  return previous;
}
