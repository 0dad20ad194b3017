import { json, jsonBody, text, type Reply, type Request } from '../shared/http-server.js';
import { reason } from '../shared/exit.js';
import { textOr } from '../shared/text.js';
import { atLeast } from '../shared/version.js';
import type { BambooConfig } from './config.js';
import type { Service, Storage } from './storage.js';
import { currentState } from './update.js';

export interface Endpoints {
  readonly config: BambooConfig;
  readonly storage: Storage;
  readonly onMarathonEvent: (eventType: string) => void;
}

async function state({ config, storage }: Endpoints): Promise<Reply> {
  try {
    const { Apps, Services } = await currentState(config, storage);
    return json(200, { Apps, Services: Object.fromEntries(Services) });
  } catch {
    return json(200, null);
  }
}

function withSlash(id: string): string {
  return id.startsWith('/') ? id : `/${id}`;
}

/** POST and PUT: the id comes from the body, whatever the path says. */
async function store({ config, storage }: Endpoints, request: Request): Promise<Reply> {
  const body = jsonBody(request);
  if (typeof body !== 'object' || body === null) return text(400, 'cannot parse the service');
  const fields = new Map(Object.entries(body).map(([name, value]) => [name.toLowerCase(), value as unknown]));
  const id = fields.get('id');
  if ((id === undefined || id === '') && atLeast(config.version, '0.3.0')) return text(400, 'can not use empty ID');
  const given = fields.get('config') as Readonly<Record<string, string>> | undefined;
  const acl = textOr(fields.get('acl'), given?.['Acl'] ?? '');
  const service: Service = await storage.upsert({ id: withSlash(textOr(id, '')), acl, config: given });
  return json(200, service);
}

async function services(endpoints: Endpoints, request: Request): Promise<Reply> {
  const { storage } = endpoints;
  try {
    if (request.method === 'GET') return json(200, Object.fromEntries(await storage.all()));
    if (request.method === 'POST' || request.method === 'PUT') return await store(endpoints, request);
    if (request.method !== 'DELETE') return text(404, '404 page not found');
    const id = decodeURIComponent(request.path.slice('/api/services/'.length));
    return (await storage.remove(id)) ? json(200, null) : text(400, 'zk: node does not exist');
  } catch (error) {
    return text(400, reason(error));
  }
}

/** Bamboo's REST API (components.md 1.6). `/status` is OK for as long as the process lives, whatever else is broken. */
export async function answer(endpoints: Endpoints, request: Request): Promise<Reply> {
  const { path, method } = request;
  if (path === '/status' && method === 'GET') return text(200, 'OK');
  if (path === '/api/state' && method === 'GET') return state(endpoints);
  if (path === '/api/services' || path.startsWith('/api/services/')) return services(endpoints, request);
  if (path === '/api/marathon/event_callback' && method === 'POST') {
    const body = jsonBody(request);
    if (typeof body !== 'object' || body === null) return text(500, 'cannot parse the event');
    endpoints.onMarathonEvent(textOr((body as { eventType?: unknown }).eventType, ''));
    return text(200, 'Got it!');
  }
  if (path === '/' && method === 'GET')
    return text(200, `Bamboo ${endpoints.config.version} (lab stand-in): /api/state, /api/services, /status`);
  return text(404, '404 page not found');
}
