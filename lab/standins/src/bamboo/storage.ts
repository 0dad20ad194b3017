import { Fatal, reason } from '../shared/exit.js';
import type { Log } from '../shared/log.js';
import { atLeast } from '../shared/version.js';
import { connect, type ZooKeeper } from '../shared/zookeeper.js';
import type { BambooConfig } from './config.js';

/** A route: an app's id and the HAProxy ACL that leads to it. */
export interface Service {
  readonly Id: string;
  readonly Acl: string;
  readonly Config?: Readonly<Record<string, string>>;
}

export interface Storage {
  readonly all: () => Promise<ReadonlyMap<string, Service>>;
  readonly upsert: (service: {
    id: string;
    acl: string;
    config: Readonly<Record<string, string>> | undefined;
  }) => Promise<Service>;
  /** False when there was no such service. */
  readonly remove: (id: string) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

/** As Go's url.QueryEscape. */
export function queryEscape(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

function queryUnescape(text: string): string {
  return decodeURIComponent(text.replaceAll('+', '%20'));
}

/** A node's data: V2 is JSON and read from 0.2.20 on; anything else is V1, the ACL itself. */
export function decodeService(version: string, id: string, data: string): Service {
  if (!atLeast(version, '0.2.20')) return { Id: id, Acl: data };
  try {
    const value = JSON.parse(data) as { version?: string; config?: Readonly<Record<string, string>> };
    if (value.version === '2') return { Id: id, Acl: value.config?.['Acl'] ?? '', Config: value.config ?? {} };
  } catch {
    // No JSON: V1.
  }
  return { Id: id, Acl: data, Config: { Acl: data } };
}

export function encodeService(
  version: string,
  service: { acl: string; config: Readonly<Record<string, string>> | undefined },
): string {
  if (!atLeast(version, '0.2.20')) return service.acl;
  return JSON.stringify({ version: '2', config: service.config ?? { Acl: service.acl } });
}

/**
 * The services below `Bamboo.Zookeeper.Path`. `onChange` is called for each change there, unfiltered. A session that is lost is opened anew; only a
 * ZooKeeper that cannot be reached at the start is fatal (exit 1), and a path with a trailing slash (exit 2).
 */
export async function openStorage(options: { config: BambooConfig; onChange: () => void; log: Log }): Promise<Storage> {
  const { config, log } = options;
  const { host, path } = config.bamboo.zookeeper;
  let closed = false;
  let current: ZooKeeper;

  const open = async (): Promise<ZooKeeper> => {
    const zookeeper = await connect({ servers: host, sessionTimeoutMs: 10_000, connectTimeoutMs: 10_000 });
    void zookeeper.lost.then((cause) => {
      if (!closed) reopen(cause);
    });
    return zookeeper;
  };
  const reopen = (cause: string): void => {
    log(`ZooKeeper: ${cause}; connecting again`);
    void current.close().catch(() => undefined);
    open().then(
      async (zookeeper) => {
        current = zookeeper;
        await watch();
        options.onChange();
      },
      (error: unknown) => setTimeout(() => !closed && reopen(reason(error)), 1_000),
    );
  };
  const watch = async (): Promise<void> => {
    if (path === '') return;
    const zookeeper = current;
    const changed = (): void => {
      if (closed || zookeeper !== current) return;
      options.onChange();
      look().catch((error: unknown) => log(`watching ${path}: ${reason(error)}`));
    };
    const look = async (): Promise<void> => {
      for (const node of await zookeeper.children(path, changed)) await watchNode(node);
    };
    const watchNode = async (node: string): Promise<void> => {
      await zookeeper.read(`${path}/${node}`, () => {
        if (closed || zookeeper !== current) return;
        options.onChange();
        watchNode(node).catch(() => undefined);
      });
    };
    await look();
  };

  try {
    current = await open();
  } catch (error) {
    throw new Fatal(`Couldn't determine whether node ${path} exists in Zookeeper: ${reason(error)}`, 1);
  }
  if (path.length > 1 && path.endsWith('/')) {
    await current.children(path.slice(0, -1));
    await current.close();
    throw new Fatal('panic: zk: invalid path', 2);
  }
  await watch();

  return {
    all: async () => {
      if (path === '') return new Map();
      const services = new Map<string, Service>();
      for (const node of await current.children(path)) {
        const data = await current.read(`${path}/${node}`);
        const id = queryUnescape(node);
        if (data !== undefined) services.set(id, decodeService(config.version, id, data.toString()));
      }
      return services;
    },
    upsert: async (service) => {
      await current.write(`${path}/${queryEscape(service.id)}`, encodeService(config.version, service));
      return decodeService(config.version, service.id, encodeService(config.version, service));
    },
    remove: (id) => current.remove(`${path}/${queryEscape(id)}`),
    close: async () => {
      closed = true;
      await current.close();
    },
  };
}
