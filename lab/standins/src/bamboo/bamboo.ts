import { Fatal, reason } from '../shared/exit.js';
import { listen } from '../shared/http-server.js';
import type { Log } from '../shared/log.js';
import type { BambooConfig } from './config.js';
import { answer } from './endpoints.js';
import { followEvents } from './event-stream.js';
import { subscribe } from './marathon-client.js';
import { openStorage } from './storage.js';
import { update } from './update.js';

export interface RunningBamboo {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** `:8000` or `127.0.0.1:8000`. */
function bindAddress(bind: string): { readonly host: string; readonly port: number } {
  const [, host = '', port] = /^(.*):(\d+)$/.exec(bind) ?? [];
  if (port === undefined) throw new Fatal(`listen: missing port in address ${bind}`, 1);
  return { host: host === '' ? '0.0.0.0' : host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/** Updates one after another; one that waits stands for all that came meanwhile. */
function updateQueue(run: () => Promise<void>): { readonly ask: () => void; readonly idle: () => Promise<void> } {
  let waiting = false;
  let chain: Promise<void> = Promise.resolve();
  return {
    ask: () => {
      if (waiting) return;
      waiting = true;
      chain = chain.then(() => {
        waiting = false;
        return run();
      });
    },
    idle: () => chain,
  };
}

/** Starts Bamboo: ZooKeeper first (exit 1 without it), then one subscription to Marathon, or its event stream. */
export async function startBamboo(options: {
  config: BambooConfig;
  bind: string;
  log: Log;
  onFatal: (error: Fatal) => void;
}): Promise<RunningBamboo> {
  const { config, log } = options;
  let stopped = false;
  let debounce: NodeJS.Timeout | undefined;
  let delayed: NodeJS.Timeout | undefined;
  const queue = updateQueue(async () => {
    if (stopped) return;
    try {
      await update({ config, storage, log });
    } catch (error) {
      if (!stopped) options.onFatal(error instanceof Fatal ? error : new Fatal(reason(error)));
    }
  });
  // Watches are gathered for 100 ms and reported after ReportingDelay seconds.
  const onZooKeeper = (): void => {
    clearTimeout(debounce);
    debounce = setTimeout(() => {
      clearTimeout(delayed);
      delayed = setTimeout(() => {
        log('Domain mapping: Stated changed');
        queue.ask();
      }, config.bamboo.zookeeper.reportingDelay * 1_000);
    }, 100);
  };
  const storage = await openStorage({ config, onChange: onZooKeeper, log });
  const onMarathonEvent = (eventType: string): void => {
    log(`${eventType} => ${new Date().toISOString()}`);
    queue.ask();
  };
  const server = await listen({
    ...bindAddress(options.bind),
    banner: `Bamboo ${config.version}`,
    handle: (request) => answer({ config, storage, onMarathonEvent }, request),
  }).catch((error: unknown) => {
    throw new Fatal(`listen ${options.bind}: ${reason(error)}`, 1);
  });
  const stream = config.marathon.useEventStream ? followEvents({ config, onEvent: onMarathonEvent, log }) : undefined;
  if (stream === undefined) await subscribe(config, log);
  queue.ask();
  return {
    port: server.port,
    stop: async () => {
      stopped = true;
      clearTimeout(debounce);
      clearTimeout(delayed);
      stream?.stop();
      await server.close();
      await queue.idle();
      await storage.close();
    },
  };
}
