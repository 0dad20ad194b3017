import { createHash } from 'node:crypto';
import { atLeast } from '../shared/version.js';
import type { ZooKeeper } from '../shared/zookeeper.js';
import { safePath, type App, type Task } from './model.js';

export interface Stored {
  readonly apps: readonly App[];
  readonly tasks: readonly Task[];
  readonly frameworkId: string | undefined;
  readonly subscribers: readonly string[];
}

/** Marathon's state below `<zk path>/state`: flat keys up to 1.3, a tree from 1.4. Values are the stand-in's own JSON. */
export interface Store {
  readonly load: () => Promise<Stored>;
  readonly putApp: (app: App) => Promise<void>;
  readonly removeApp: (id: string) => Promise<void>;
  readonly putTask: (task: Task) => Promise<void>;
  readonly removeTask: (id: string) => Promise<void>;
  readonly putFrameworkId: (id: string) => Promise<void>;
  readonly putSubscribers: (urls: readonly string[]) => Promise<void>;
  readonly storageVersion: () => Promise<string | undefined>;
  readonly putStorageVersion: (version: string) => Promise<void>;
  /** Takes everything away but the storage version (after a migration to the other layout). */
  readonly clear: () => Promise<void>;
}

const VERSION_KEY = 'internal:storage:version';

function bucket(key: string): string {
  return String((createHash('md5').update(key).digest()[0] ?? 0) % 16);
}

interface Layout {
  readonly app: (id: string) => string;
  readonly task: (id: string) => string;
  readonly frameworkId: string;
  readonly subscribers: string;
  /** Paths of all apps, or of all tasks. */
  readonly list: (what: 'app' | 'task') => Promise<readonly string[]>;
}

function flat(zookeeper: ZooKeeper, root: string): Layout {
  return {
    app: (id) => `${root}/app:${safePath(id)}`,
    task: (id) => `${root}/task:${id}`,
    frameworkId: `${root}/framework:id`,
    subscribers: `${root}/events:http_event_subscribers`,
    list: async (what) =>
      (await zookeeper.children(root)).filter((node) => node.startsWith(`${what}:`)).map((node) => `${root}/${node}`),
  };
}

function tree(zookeeper: ZooKeeper, root: string): Layout {
  const folders = { app: `${root}/apps`, task: `${root}/instances` } as const;
  return {
    app: (id) => `${folders.app}/${bucket(id)}/${safePath(id)}`,
    task: (id) => `${folders.task}/${bucket(id)}/${id}`,
    frameworkId: `${root}/framework-id`,
    subscribers: `${root}/event-subscribers`,
    list: async (what) => {
      const paths: string[] = [];
      for (const name of await zookeeper.children(folders[what])) {
        for (const node of await zookeeper.children(`${folders[what]}/${name}`))
          paths.push(`${folders[what]}/${name}/${node}`);
      }
      return paths;
    },
  };
}

/** The store as a Marathon of `version` lays it out. */
export function openStore(zookeeper: ZooKeeper, path: string, version: string): Store {
  const root = `${path}/state`;
  const layout = atLeast(version, '1.4.0') ? tree(zookeeper, root) : flat(zookeeper, root);
  const readAll = async <T>(what: 'app' | 'task'): Promise<readonly T[]> => {
    const data = await Promise.all((await layout.list(what)).map((node) => zookeeper.read(node)));
    return data.flatMap((bytes) => (bytes === undefined ? [] : [JSON.parse(bytes.toString()) as T]));
  };
  const removed = async (node: string): Promise<void> => void (await zookeeper.remove(node));
  return {
    load: async () => {
      const subscribers = await zookeeper.read(layout.subscribers);
      return {
        apps: await readAll<App>('app'),
        tasks: await readAll<Task>('task'),
        frameworkId: (await zookeeper.read(layout.frameworkId))?.toString(),
        subscribers: subscribers === undefined ? [] : (JSON.parse(subscribers.toString()) as string[]),
      };
    },
    putApp: (app) => zookeeper.write(layout.app(app.id), JSON.stringify(app)),
    removeApp: (id) => removed(layout.app(id)),
    putTask: (task) => zookeeper.write(layout.task(task.id), JSON.stringify(task)),
    removeTask: (id) => removed(layout.task(id)),
    putFrameworkId: (id) => zookeeper.write(layout.frameworkId, id),
    putSubscribers: (urls) => zookeeper.write(layout.subscribers, JSON.stringify(urls)),
    storageVersion: async () => (await zookeeper.read(`${root}/${VERSION_KEY}`))?.toString(),
    putStorageVersion: (value) => zookeeper.write(`${root}/${VERSION_KEY}`, value),
    clear: async () => {
      for (const node of [
        ...(await layout.list('app')),
        ...(await layout.list('task')),
        layout.frameworkId,
        layout.subscribers,
      ])
        await removed(node);
    },
  };
}
