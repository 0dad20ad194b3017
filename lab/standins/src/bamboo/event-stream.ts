import { request as httpRequest } from 'node:http';
import type { Log } from '../shared/log.js';
import { authorization, endpointsOf } from './marathon-client.js';
import type { BambooConfig } from './config.js';

/** Opens one event stream and follows redirects (a standby from 1.7 on sends one); resolves when it ends. */
function listenOnce(options: {
  url: string;
  config: BambooConfig;
  redirects: number;
  onEvent: (data: string) => void;
  onOpen: (close: () => void) => void;
}): Promise<string> {
  return new Promise((resolve) => {
    const outgoing = httpRequest(
      options.url,
      { agent: false, headers: { Accept: 'text/event-stream', ...authorization(options.config) } },
      (incoming) => {
        const location = incoming.headers.location;
        if (location !== undefined && options.redirects > 0) {
          incoming.resume();
          resolve(
            listenOnce({ ...options, url: new URL(location, options.url).href, redirects: options.redirects - 1 }),
          );
          return;
        }
        let rest = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk: string) => {
          const lines = (rest + chunk).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) if (line.startsWith('data: ')) options.onEvent(line.slice('data: '.length));
        });
        incoming.on('close', () => resolve(`ended (${incoming.statusCode ?? 0})`));
      },
    );
    options.onOpen(() => outgoing.destroy());
    outgoing.on('error', (error) => resolve(error.message));
    outgoing.end();
  });
}

/** Follows `/v2/events` of the endpoints in turn for as long as it is not stopped, a second between two attempts. */
export function followEvents(options: { config: BambooConfig; onEvent: (eventType: string) => void; log: Log }): {
  readonly stop: () => void;
} {
  const endpoints = endpointsOf(options.config);
  let stopped = false;
  let close = (): void => undefined;
  const follow = async (index: number): Promise<void> => {
    const endpoint = endpoints[index % endpoints.length] ?? '';
    const end = await listenOnce({
      url: `${endpoint}/v2/events`,
      config: options.config,
      redirects: 10,
      onOpen: (closeStream) => {
        close = closeStream;
      },
      onEvent: (data) => {
        const type = /"eventType"\s*:\s*"([^"]*)"/.exec(data)?.[1];
        if (type !== undefined) options.onEvent(type);
      },
    }).catch((error: unknown) => String(error));
    if (stopped) return;
    options.log(`Event stream of ${endpoint}: ${end}`);
    setTimeout(() => void follow(index + 1), 1_000);
  };
  void follow(0);
  return {
    stop: () => {
      stopped = true;
      close();
    },
  };
}
