import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A container of the pretended engine. */
export interface FakeContainer {
  readonly id: string;
  name: string;
  readonly image: string;
  readonly imageId: string;
  readonly config: CreateBody;
  restartPolicy: string;
  status: 'created' | 'running' | 'exited' | 'restarting';
  exitCode: number;
  restarts: number;
  startedAt: string;
  /** What `docker events` tells of it. */
  readonly events: string[];
}

interface CreateBody {
  readonly Image: string;
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly Labels?: Readonly<Record<string, string>>;
  readonly HostConfig?: { readonly RestartPolicy?: { readonly Name: string } };
}

/**
 * A Docker engine as far as the modules use its API, all in memory. A container whose command is \`crash\` ends with code 3
 * as soon as it starts.
 */
export interface FakeEngine {
  readonly socket: string;
  readonly containers: FakeContainer[];
  /** Image ids by name. */
  readonly images: Map<string, string>;
  /** Image ids a registry has, by name. */
  readonly registry: Map<string, string>;
  /** Requests that changed something, in order. */
  readonly requests: string[];
  /** What its command line would tell: a file a question, below a folder. */
  writeAnswers: (folder: string) => void;
  close(): Promise<void>;
}

/** Starts an engine on a socket. */
export async function startFakeEngine(socket: string): Promise<FakeEngine> {
  const state = {
    containers: [] as FakeContainer[],
    images: new Map<string, string>(),
    registry: new Map<string, string>(),
    requests: [] as string[],
  };
  const server = createServer((request, response) => {
    void readBody(request).then((body) => answer(state, { request, response, body }));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    socket,
    ...state,
    writeAnswers: (folder) => writeAnswers(state, folder),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function writeAnswers(state: State, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  const write = (type: string, name: string, data: object): void => {
    mkdirSync(join(folder, type), { recursive: true });
    writeFileSync(join(folder, type, name.replaceAll('/', '%')), `${JSON.stringify(data)}\n`);
  };
  for (const one of state.containers) {
    write('container', one.name, describeContainer(one));
    write('container', one.id, describeContainer(one));
    writeFileSync(join(folder, `events-${one.id}`), one.events.join('\n'));
  }
  for (const [name, id] of state.images) write('image', name, describeImage(id));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'ps'), state.containers.map(({ id, name }) => `${id} ${name}\n`).join(''));
}

function describeImage(id: string): object {
  return { Id: id, Config: { Labels: null } };
}

type State = Pick<FakeEngine, 'containers' | 'images' | 'registry' | 'requests'>;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: string;
}

function answer(state: State, { request, response, body }: Exchange): void {
  const url = new URL(request.url ?? '/', 'http://engine');
  const method = request.method ?? 'GET';
  if (method !== 'GET')
    state.requests.push(
      `${method} ${url.pathname}${url.searchParams.get('name') ? ` name=${url.searchParams.get('name')}` : ''}`,
    );
  const send = (status: number, data?: unknown): void => {
    response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' });
    response.end(data === undefined ? '' : `${JSON.stringify(data)}\n`);
  };
  const path = url.pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  if (path[0] === 'version') return send(200, { Version: '20.10.24', ApiVersion: '1.41' });
  if (path[0] === 'images') return images(state, { method, path, url, send });
  if (path[0] === 'containers' && path[1] === 'create')
    return create(state, { body: JSON.parse(body) as CreateBody, name: url.searchParams.get('name') ?? '', send });
  if (path[0] === 'containers') return container(state, { method, path, url, body, send });
  send(404, { message: `page not found: ${url.pathname}` });
}

type Send = (status: number, data?: unknown) => void;

function images(state: State, options: { method: string; path: readonly string[]; url: URL; send: Send }): void {
  const { method, path, url, send } = options;
  if (method === 'POST' && path[1] === 'create') {
    const name = url.searchParams.get('fromImage') ?? '';
    const id = state.registry.get(name);
    if (id === undefined) return send(404, { message: `manifest for ${name} not found` });
    state.images.set(name, id);
    return send(200, { status: 'Pull complete', id: '0123456789ab' });
  }
  const name = path.slice(1, path.at(-1) === 'json' ? -1 : undefined).join('/');
  const id = state.images.get(name);
  if (id === undefined) return send(404, { message: `No such image: ${name}` });
  if (method === 'DELETE') {
    state.images.delete(name);
    return send(200, []);
  }
  send(200, describeImage(id));
}

function create(state: State, options: { body: CreateBody; name: string; send: Send }): void {
  const { body, name, send } = options;
  const imageId = state.images.get(body.Image);
  if (imageId === undefined) return send(404, { message: `No such image: ${body.Image}` });
  if (state.containers.some((one) => one.name === name))
    return send(409, { message: `The container name "/${name}" is already in use` });
  const id = randomBytes(32).toString('hex');
  const restartPolicy = body.HostConfig?.RestartPolicy?.Name ?? 'no';
  state.containers.push({
    id,
    name,
    image: body.Image,
    imageId,
    config: body,
    restartPolicy,
    status: 'created',
    exitCode: 0,
    restarts: 0,
    startedAt: '',
    events: [],
  });
  send(201, { Id: id, Warnings: [] });
}

function container(
  state: State,
  options: { method: string; path: readonly string[]; url: URL; body: string; send: Send },
): void {
  const { method, path, url, body, send } = options;
  if (path[1] === 'json')
    return send(
      200,
      state.containers.map(({ id, name }) => ({ Id: id, Names: [`/${name}`] })),
    );
  const one = state.containers.find(({ id, name }) => id === path[1] || name === path[1]);
  if (one === undefined) return send(404, { message: `No such container: ${path[1]}` });
  if (method === 'DELETE') {
    state.containers.splice(state.containers.indexOf(one), 1);
    return send(204);
  }
  switch (path[2]) {
    case 'json':
      return send(200, describeContainer(one));
    case 'logs':
      return send(200, 'last words');
    case 'start':
      return start(one, send);
    case 'stop':
      one.status = 'exited';
      return send(204);
    case 'rename':
      one.name = url.searchParams.get('name') ?? '';
      return send(204);
    case 'update':
      one.restartPolicy = (JSON.parse(body) as { RestartPolicy: { Name: string } }).RestartPolicy.Name;
      return send(200, { Warnings: [] });
    default:
      return send(404, { message: 'page not found' });
  }
}

function start(one: FakeContainer, send: Send): void {
  if (one.status === 'running') return send(304);
  const crashes = one.config.Cmd?.[0] === 'crash';
  one.status = crashes ? (one.restartPolicy === 'always' ? 'restarting' : 'exited') : 'running';
  one.exitCode = crashes ? 3 : 0;
  one.startedAt = new Date().toISOString();
  send(204);
}

function describeContainer(one: FakeContainer): object {
  return {
    Id: one.id,
    Name: `/${one.name}`,
    Image: one.imageId,
    RestartCount: one.restarts,
    State: {
      Status: one.status,
      Running: one.status === 'running',
      Restarting: one.status === 'restarting',
      ExitCode: one.exitCode,
      StartedAt: one.startedAt,
    },
    Config: { Image: one.image, Env: one.config.Env ?? [], Labels: one.config.Labels ?? {} },
    HostConfig: { RestartPolicy: { Name: one.restartPolicy, MaximumRetryCount: 0 } },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
