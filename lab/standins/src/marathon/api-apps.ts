import { json, jsonBody, type Reply, type Request } from '../shared/http-server.js';
import { textOr } from '../shared/text.js';
import { appFrom, appJson, invalid } from './app-definition.js';
import type { App, Task } from './model.js';
import { message, type Leading } from './api.js';
import { taskJson } from './api-tasks.js';

function tasksOf(leading: Leading, app: App): readonly Task[] {
  return [...leading.service.tasks.values()].filter((task) => task.appId === app.id);
}

/** An app with its counts; `tasks` and `deployments` are embedded when asked for. */
function shown(leading: Leading, app: App, embedded: readonly string[]): Readonly<Record<string, unknown>> {
  const { service } = leading;
  const tasks = tasksOf(leading, app);
  const count = (state: string): number => tasks.filter((task) => task.state === state).length;
  return {
    ...appJson(app, service.config.version),
    tasksStaged: count('TASK_STAGING'),
    tasksRunning: count('TASK_RUNNING'),
    tasksHealthy: 0,
    tasksUnhealthy: 0,
    deployments: [...service.deployments.values()]
      .filter(({ affectedApps }) => affectedApps.includes(app.id))
      .map(({ id }) => ({ id })),
    ...(embedded.includes('tasks') ? { tasks: tasks.map((task) => taskJson(leading, task)) } : {}),
  };
}

function asPath(id: string): string {
  return id.startsWith('/') ? id : `/${id}`;
}

/** Creates or changes an app; `before` is what there is. */
async function put(options: {
  leading: Leading;
  id: string;
  source: Readonly<Record<string, unknown>>;
  before: App | undefined;
}): Promise<{ app: App; deploymentId: string; version: string }> {
  const { service, wake } = options.leading;
  const now = new Date().toISOString();
  const app = appFrom({
    id: options.id,
    source: options.source,
    before: options.before,
    now,
    freeServicePort: service.freeServicePort,
  });
  await service.store.putApp(app);
  service.apps.set(app.id, app);
  const deployment = service.deploy([app.id], now);
  service.events.publish({
    eventType: 'api_post_event',
    clientIp: '',
    uri: `/v2/apps${app.id}`,
    appDefinition: appJson(app, service.config.version),
  });
  wake();
  return { app, deploymentId: deployment.id, version: now };
}

function locked(leading: Leading, id: string, request: Request): Reply | undefined {
  const busy = [...leading.service.deployments.values()].filter(({ affectedApps }) => affectedApps.includes(id));
  if (busy.length === 0 || request.query.get('force') === 'true') return undefined;
  return json(409, {
    message: `App is locked by one or more deployments. Override with the option '?force=true'. View details at '/v2/deployments/<DEPLOYMENT_ID>'.`,
    deployments: busy.map(({ id: deployment }) => ({ id: deployment })),
  });
}

function parsed(request: Request): Readonly<Record<string, unknown>> | Reply {
  const body = jsonBody(request);
  return typeof body === 'object' && body !== null && !Array.isArray(body)
    ? (body as Record<string, unknown>)
    : json(400, { message: 'Invalid JSON', details: [] });
}

function isReply(value: Readonly<Record<string, unknown>> | Reply): value is Reply {
  return 'kind' in value && value['kind'] === 'reply';
}

async function create(leading: Leading, request: Request): Promise<Reply> {
  const source = parsed(request);
  if (isReply(source)) return source;
  const id = asPath(textOr(source['id'], ''));
  const wrong = invalid(id, source);
  if (wrong !== undefined)
    return json(422, { message: 'Object is not valid', details: [{ path: '/', errors: [wrong] }] });
  if (leading.service.apps.has(id)) return message(409, `An app with id [${id}] already exists.`);
  const { app, deploymentId } = await put({ leading, id, source, before: undefined });
  return json(
    201,
    { ...shown(leading, app, ['tasks']) },
    { Location: `http://${leading.self}/v2/apps${id}`, 'Marathon-Deployment-Id': deploymentId },
  );
}

async function change(leading: Leading, request: Request, id: string): Promise<Reply> {
  const source = parsed(request);
  if (isReply(source)) return source;
  const before = leading.service.apps.get(id);
  const wrong = invalid(id, { ...before?.source, ...source });
  if (wrong !== undefined)
    return json(422, { message: 'Object is not valid', details: [{ path: '/', errors: [wrong] }] });
  const busy = locked(leading, id, request);
  if (busy !== undefined) return busy;
  const { deploymentId, version } = await put({ leading, id, source, before });
  return json(before === undefined ? 201 : 200, { version, deploymentId }, { 'Marathon-Deployment-Id': deploymentId });
}

async function remove(leading: Leading, id: string): Promise<Reply> {
  const { service, wake } = leading;
  await service.store.removeApp(id);
  service.apps.delete(id);
  const deployment = service.deploy([id], new Date().toISOString());
  service.events.publish({ eventType: 'app_terminated_event', appId: id });
  wake();
  return json(
    200,
    { version: deployment.version, deploymentId: deployment.id },
    { 'Marathon-Deployment-Id': deployment.id },
  );
}

/** `/v2/apps`, `/v2/apps/<id>`, `/v2/apps/<id>/tasks`, `/v2/apps/<id>/restart`. */
export async function apps(leading: Leading, request: Request): Promise<Reply> {
  const { service } = leading;
  const embedded = request.query.getAll('embed').map((name) => name.replace(/^apps?\./, ''));
  const rest = decodeURIComponent(request.path.slice('/v2/apps'.length)).replace(/^\/+|\/+$/g, '');
  if (rest === '') {
    if (request.method === 'POST') return create(leading, request);
    if (request.method !== 'GET') return message(405, 'HTTP 405 Method Not Allowed');
    const filter = request.query.get('id');
    const found = [...service.apps.values()].filter((app) => filter === null || app.id.includes(filter));
    return json(200, { apps: found.map((app) => shown(leading, app, embedded)) });
  }
  const [, name = '', action] = /^(.*?)(?:\/(tasks|restart|versions))?$/.exec(rest) ?? [];
  const id = asPath(name);
  const app = service.apps.get(id);
  if (app === undefined && !(request.method === 'PUT' && action === undefined))
    return message(404, `App '${id}' does not exist`);
  if (request.method === 'PUT') return change(leading, request, id);
  if (app === undefined) return message(404, `App '${id}' does not exist`);
  if (action === 'tasks' && request.method === 'GET')
    return json(200, { tasks: tasksOf(leading, app).map((task) => taskJson(leading, task)) });
  if (action === 'tasks' && request.method === 'DELETE') {
    const killed = tasksOf(leading, app);
    await Promise.all(killed.map(leading.kill));
    return json(200, { tasks: killed.map((task) => taskJson(leading, task)) });
  }
  if (action === 'versions') return json(200, { versions: [app.version] });
  if (action === 'restart' && request.method === 'POST') {
    const now = new Date().toISOString();
    const restarted = { ...app, version: now, configVersion: now };
    await service.store.putApp(restarted);
    service.apps.set(id, restarted);
    leading.wake();
    return json(200, { version: now, deploymentId: service.deploy([id], now).id });
  }
  if (request.method === 'DELETE') return remove(leading, id);
  return json(200, { app: shown(leading, app, ['tasks', ...embedded]) });
}
