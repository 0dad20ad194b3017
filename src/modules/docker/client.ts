import { Agent, type ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import { sh } from '../../shell/text.js';
import type { HostWriter } from '../types.js';
import { dockerLibrary } from './library.js';

/**
 * A client of the host's Docker engine: every request gets a stream of its own to `docker system dial-stdio`, as
 * `docker -H ssh://` does it. All of them are cut when the task is cancelled.
 */
export function dockerOn(host: HostWriter): Docker {
  const agent = new HostAgent(host);
  host.signal.addEventListener('abort', () => agent.destroy(), { once: true });
  // dockerode hands the agent on; its types do not say so.
  const options: Docker.DockerOptions & { readonly agent: Agent } = {
    protocol: 'http',
    host: 'engine',
    port: 80,
    agent,
  };
  return new (dockerLibrary())(options);
}

class HostAgent extends Agent {
  readonly #host: HostWriter;

  constructor(host: HostWriter) {
    super({ keepAlive: false });
    this.#host = host;
  }

  override createConnection(
    _options: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    // Node's type wants a stream beside an error, and never looks at it.
    const fail = (error: unknown): void => callback?.(asError(error), undefined as unknown as Duplex);
    this.#host.open(sh`exec docker system dial-stdio`).then((stream) => callback?.(null, stream), fail);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
