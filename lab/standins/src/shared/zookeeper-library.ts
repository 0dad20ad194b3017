import { createRequire } from 'node:module';

interface ZooKeeperState {
  readonly name: string;
}
interface ZooKeeperException extends Error {
  readonly code: number;
  readonly name: string;
}
interface ZooKeeperEvent {
  readonly type: number;
  readonly path: string;
}
type Watcher = (event: ZooKeeperEvent) => void;
type Failure = ZooKeeperException | null | undefined;
interface Stat {
  readonly version: number;
}
interface Client {
  connect(): void;
  close(): void;
  getState(): ZooKeeperState;
  addAuthInfo(scheme: string, auth: Buffer): void;
  on(event: 'state', listener: (state: ZooKeeperState) => void): this;
  create(path: string, data: Buffer, mode: number, callback: (error: Failure, path: string) => void): void;
  remove(path: string, version: number, callback: (error: Failure) => void): void;
  setData(path: string, data: Buffer, version: number, callback: (error: Failure, stat: Stat) => void): void;
  getData(
    path: string,
    watcher: Watcher | undefined,
    callback: (error: Failure, data: Buffer | undefined, stat: Stat) => void,
  ): void;
  getChildren(path: string, watcher: Watcher | undefined, callback: (error: Failure, children: string[]) => void): void;
  exists(path: string, callback: (error: Failure, stat: Stat | null) => void): void;
  mkdirp(path: string, callback: (error: Failure, path: string) => void): void;
  readonly connectionManager: { readonly socket?: { destroy(error?: Error): void } };
}
interface Library {
  createClient(servers: string, options?: { sessionTimeout?: number; spinDelay?: number; retries?: number }): Client;
  readonly CreateMode: {
    readonly PERSISTENT: number;
    readonly EPHEMERAL: number;
    readonly EPHEMERAL_SEQUENTIAL: number;
  };
  readonly Exception: { readonly NO_NODE: number; readonly NODE_EXISTS: number };
  readonly State: {
    readonly SYNC_CONNECTED: ZooKeeperState;
    readonly DISCONNECTED: ZooKeeperState;
    readonly EXPIRED: ZooKeeperState;
  };
}

/** node-zookeeper-client 1.1, which brings no types: the part of it that the stand-ins use. */
export const library = createRequire(import.meta.url)('node-zookeeper-client') as Library;
