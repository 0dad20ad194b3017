import { library } from './zookeeper-library.js';

const { CreateMode, Exception, State } = library;

export type NodeKind = 'persistent' | 'ephemeral' | 'ephemeral-sequential';

/** A ZooKeeper session. Every call rejects when no answer comes within the session timeout. */
export interface ZooKeeper {
  /** Makes the node (its parents too) and resolves to its whole path; rejects when it is there already. */
  readonly create: (path: string, data: string | Buffer, kind: NodeKind) => Promise<string>;
  /** Resolves to undefined when there is no such node. */
  readonly read: (path: string, onChange?: () => void) => Promise<Buffer | undefined>;
  /** The names below `path`, which is made when it is not there. */
  readonly children: (path: string, onChange?: () => void) => Promise<readonly string[]>;
  /** Writes, making the node and its parents when needed. */
  readonly write: (path: string, data: string) => Promise<void>;
  /** Resolves to false when there was no such node. */
  readonly remove: (path: string) => Promise<boolean>;
  /** Resolves, once, with the cause, when the session is gone for good (expired, or unreachable for its timeout). */
  readonly lost: Promise<string>;
  readonly close: () => Promise<void>;
}

const modes: Readonly<Record<NodeKind, number>> = {
  persistent: CreateMode.PERSISTENT,
  ephemeral: CreateMode.EPHEMERAL,
  'ephemeral-sequential': CreateMode.EPHEMERAL_SEQUENTIAL,
};

function codeOf(error: unknown): number | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? Number(error.code) : undefined;
}

/**
 * Connects to `host:port,host:port`. Rejects when no server took the session within `connectTimeoutMs`.
 * The library keeps trying for ever and never says that an unreachable session is over, so this watches for both.
 */
export async function connect(options: {
  servers: string;
  sessionTimeoutMs: number;
  connectTimeoutMs: number;
  auth?: string | undefined;
}): Promise<ZooKeeper> {
  const { sessionTimeoutMs } = options;
  const client = library.createClient(options.servers, {
    sessionTimeout: sessionTimeoutMs,
    spinDelay: 300,
    retries: 0,
  });
  if (options.auth !== undefined) client.addAuthInfo('digest', Buffer.from(options.auth));
  let closed = false;
  let disconnection: NodeJS.Timeout | undefined;

  const ask = <T>(start: (done: (error: unknown, value: T) => void) => void): Promise<T> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`ZooKeeper ${options.servers} did not answer in ${sessionTimeoutMs} ms`)),
        sessionTimeoutMs,
      );
      start((error, value) => {
        clearTimeout(timer);
        if (error) reject(error);
        else resolve(value);
      });
    });

  const lost = new Promise<string>((resolve) => {
    client.on('state', (state) => {
      clearTimeout(disconnection);
      if (closed) return;
      if (state === State.EXPIRED) resolve('ZooKeeper session expired');
      if (state === State.DISCONNECTED) {
        disconnection = setTimeout(
          () => resolve(`no ZooKeeper server reached for ${sessionTimeoutMs} ms`),
          sessionTimeoutMs,
        );
      }
    });
  });

  // A server that is cut off keeps its socket open and silent, in a session or before it: a question now and then finds it out.
  let waiting = false;
  // With an error: only then does the library drop its own connect timer, which would cut the next connection.
  const drop = (): void => client.connectionManager.socket?.destroy(new Error('no answer'));
  const watchdog = setInterval(() => {
    const connected = client.getState() === State.SYNC_CONNECTED;
    if (!connected && waiting) drop();
    waiting = !connected && !waiting;
    if (!connected) return;
    const silence = setTimeout(drop, sessionTimeoutMs / 3);
    client.exists('/', () => clearTimeout(silence));
  }, sessionTimeoutMs / 3);

  const create = async (path: string, data: string | Buffer, kind: NodeKind): Promise<string> => {
    const make = (): Promise<string> => ask((done) => client.create(path, Buffer.from(data), modes[kind], done));
    try {
      return await make();
    } catch (error) {
      if (codeOf(error) !== Exception.NO_NODE) throw error;
      await ask<string>((done) => client.mkdirp(path.slice(0, path.lastIndexOf('/')), done));
      return make();
    }
  };

  const zookeeper: ZooKeeper = {
    create,
    read: async (path, onChange) => {
      try {
        const data = await ask<Buffer | undefined>((done) =>
          client.getData(path, onChange && (() => onChange()), done),
        );
        return data ?? Buffer.alloc(0);
      } catch (error) {
        if (codeOf(error) === Exception.NO_NODE) return undefined;
        throw error;
      }
    },
    children: async (path, onChange) => {
      const list = (): Promise<string[]> =>
        ask((done) => client.getChildren(path, onChange && (() => onChange()), done));
      try {
        return await list();
      } catch (error) {
        if (codeOf(error) !== Exception.NO_NODE) throw error;
        await ask<string>((done) => client.mkdirp(path, done));
        return list();
      }
    },
    write: async (path, data) => {
      try {
        await ask<unknown>((done) => client.setData(path, Buffer.from(data), -1, done));
      } catch (error) {
        if (codeOf(error) !== Exception.NO_NODE) throw error;
        await create(path, data, 'persistent');
      }
    },
    remove: async (path) => {
      try {
        await ask<unknown>((done) => client.remove(path, -1, (error) => done(error, undefined)));
        return true;
      } catch (error) {
        if (codeOf(error) === Exception.NO_NODE) return false;
        throw error;
      }
    },
    lost,
    close: async () => {
      closed = true;
      clearInterval(watchdog);
      clearTimeout(disconnection);
      const gone = new Promise<void>((resolve) => {
        if (client.getState() !== State.SYNC_CONNECTED) resolve();
        client.on('state', () => resolve());
        setTimeout(resolve, 1_000).unref();
      });
      client.close();
      await gone;
      client.connectionManager.socket?.destroy();
    },
  };

  client.connect();
  const connected = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), options.connectTimeoutMs);
    client.on('state', (state) => {
      if (state !== State.SYNC_CONNECTED) return;
      clearTimeout(timer);
      resolve(true);
    });
  });
  if (!connected) {
    await zookeeper.close();
    throw new Error(`could not connect to ZooKeeper ${options.servers} in ${options.connectTimeoutMs} ms`);
  }
  return zookeeper;
}
