import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface FakeContainer {
  readonly id: string;
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  running: boolean;
  exitCode: number;
}

/** A Docker Engine that only remembers: containers by name, images that are there from the start. */
export interface FakeDocker {
  readonly socketPath: string;
  readonly containers: Map<string, FakeContainer>;
  readonly pulled: string[];
  readonly add: (name: string) => void;
  readonly exit: (name: string, exitCode: number) => void;
  readonly stop: () => Promise<void>;
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of incoming) text += String(chunk);
  return text;
}

export async function startFakeDocker(images: readonly string[]): Promise<FakeDocker> {
  const directory = mkdtempSync(join(tmpdir(), 'standins-docker-'));
  const socketPath = join(directory, 'docker.sock');
  const containers = new Map<string, FakeContainer>();
  const pulled: string[] = [];
  const add = (name: string, settings: Readonly<Record<string, unknown>>, running: boolean): FakeContainer => {
    const container = { id: `id-${name}`, name, settings, running, exitCode: 0 };
    containers.set(name, container);
    return container;
  };
  const find = (key: string): FakeContainer | undefined =>
    [...containers.values()].find(({ id, name }) => id === key || name === key);

  const answer = async (incoming: IncomingMessage): Promise<readonly [number, unknown]> => {
    const url = new URL(incoming.url ?? '/', 'http://docker');
    const body = await bodyOf(incoming);
    if (url.pathname === '/containers/json') {
      return [
        200,
        [...containers.values()].map(({ id, name, running, settings }) => ({
          Id: id,
          Names: [`/${name}`],
          State: running ? 'running' : 'exited',
          Labels: settings['Labels'] ?? {},
        })),
      ];
    }
    if (url.pathname === '/containers/create') {
      const container = add(url.searchParams.get('name') ?? '', JSON.parse(body) as Record<string, unknown>, false);
      return [201, { Id: container.id }];
    }
    if (url.pathname === '/images/create') {
      pulled.push(url.searchParams.get('fromImage') ?? '');
      return [200, { status: 'pulled' }];
    }
    const image = /^\/images\/(.*)\/json$/.exec(url.pathname)?.[1];
    if (image !== undefined) return images.includes(image) ? [200, {}] : [404, { message: 'No such image' }];
    const [, key = '', verb = ''] = /^\/containers\/([^/]+)\/?(\w*)$/.exec(url.pathname) ?? [];
    const container = find(key);
    if (container === undefined) return [404, { message: `No such container: ${key}` }];
    if (verb === 'json') {
      return [
        200,
        {
          State: { Running: container.running, ExitCode: container.exitCode },
          NetworkSettings: { IPAddress: '172.17.0.9' },
        },
      ];
    }
    if (verb === 'start') container.running = true;
    if (verb === 'stop') Object.assign(container, { running: false, exitCode: 137 });
    if (incoming.method === 'DELETE') containers.delete(container.name);
    return [204, undefined];
  };
  const server = createServer((incoming, outgoing) => {
    void answer(incoming).then(([status, value]) => {
      outgoing.statusCode = status;
      outgoing.end(value === undefined ? '' : JSON.stringify(value));
    });
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    socketPath,
    containers,
    pulled,
    add: (name) => void add(name, {}, true),
    exit: (name, exitCode) => void Object.assign(containers.get(name) ?? {}, { running: false, exitCode }),
    stop: async () => {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
