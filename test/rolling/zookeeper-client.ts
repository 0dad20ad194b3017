import { createRequire } from 'node:module';

interface Failure extends Error {
  readonly code: number;
}

/** node-zookeeper-client 1.1 brings no types: the part of it that the proofs use. */
export interface ZooKeeperClient {
  connect(): void;
  close(): void;
  on(event: 'state', listener: (state: { readonly name: string }) => void): this;
  create(path: string, data: Buffer, mode: number, callback: (error: Failure | null) => void): void;
  getData(path: string, watcher: undefined, callback: (error: Failure | null, data: Buffer | undefined) => void): void;
  getChildren(path: string, watcher: undefined, callback: (error: Failure | null, children: string[]) => void): void;
  readonly connectionManager: { readonly socket?: { destroy(): void } };
}

const library = createRequire(import.meta.url)('node-zookeeper-client') as {
  createClient(
    servers: string,
    options: { readonly sessionTimeout: number; readonly spinDelay: number },
  ): ZooKeeperClient;
  readonly CreateMode: { readonly PERSISTENT: number };
  readonly Exception: { readonly NODE_EXISTS: number };
};

/** How long one request may take before its connection is given up. */
const patienceMilliseconds = 4000;

/** A client that asks one of these servers, "198.18.0.11:2181,…", whichever answers. */
export function connectClient(servers: string): ZooKeeperClient {
  // Sessions outlive the moment in which a member restarts; a new server is tried at once.
  const client = library.createClient(servers, { sessionTimeout: 30_000, spinDelay: 50 });
  client.connect();
  return client;
}

/** Creates a znode. "exists": an earlier try, whose answer was lost, had made it. Throws when nobody answers. */
export function create(client: ZooKeeperClient, path: string, content = ''): Promise<'acknowledged' | 'exists'> {
  return answered(client, (done) =>
    client.create(path, Buffer.from(content), library.CreateMode.PERSISTENT, (error) => {
      if (error === null || error === undefined) done('acknowledged');
      else if (error.code === library.Exception.NODE_EXISTS) done('exists');
      else done(error);
    }),
  );
}

/** The names under a znode. */
export function children(client: ZooKeeperClient, path: string): Promise<readonly string[]> {
  return answered(client, (done) => client.getChildren(path, undefined, (error, names) => done(error ?? names)));
}

/** What a znode holds. */
export function content(client: ZooKeeperClient, path: string): Promise<string> {
  return answered(client, (done) =>
    client.getData(path, undefined, (error, data) => done(error ?? (data ?? Buffer.alloc(0)).toString('utf8'))),
  );
}

/** A request whose answer does not come (the network is cut) gives up its connection, so that another server is tried. */
function answered<T>(client: ZooKeeperClient, ask: (done: (result: T | Error) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      client.connectionManager.socket?.destroy();
      reject(new Error(`no answer within ${patienceMilliseconds} ms`));
    }, patienceMilliseconds);
    ask((result) => {
      clearTimeout(timer);
      if (result instanceof Error) reject(result);
      else resolve(result);
    });
  });
}
