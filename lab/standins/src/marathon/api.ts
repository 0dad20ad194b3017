import { json, text, type Reply, type Request } from '../shared/http-server.js';
import { atLeast } from '../shared/version.js';
import { apps } from './api-apps.js';
import { info, metrics } from './api-info.js';
import { tasks } from './api-tasks.js';
import { unusable, type BackupRequest } from './backup.js';
import type { Task } from './model.js';
import type { Service } from './service.js';

/** What an endpoint may use on the leader. */
export interface Leading {
  readonly service: Service;
  /** `host:port` of this instance. */
  readonly self: string;
  readonly startedAt: number;
  readonly kill: (task: Task) => Promise<void>;
  /** Has the scheduler look at once. */
  readonly wake: () => void;
  readonly abdicate: () => void;
  readonly requestBackup: (request: BackupRequest) => Promise<void>;
}

export function message(status: number, words: string): Reply {
  return json(status, { message: words });
}

/** `/v2/eventSubscriptions` (0.7 to 1.4): refused unless the instance runs with `--event_subscriber http_callback`. */
async function eventSubscriptions(leading: Leading, request: Request): Promise<Reply> {
  const { service } = leading;
  if (!service.config.eventCallbacks)
    return message(
      400,
      'http event callback system is not running on this Marathon instance. Please re-start this instance with "--event_subscriber http_callback".',
    );
  const url = request.query.get('callbackUrl') ?? '';
  const others = service.subscribers().filter((subscriber) => subscriber !== url);
  switch (request.method) {
    case 'GET':
      return json(200, { callbackUrls: service.subscribers() });
    case 'POST':
      await service.setSubscribers([...others, url]);
      service.events.publish({ eventType: 'subscribe_event', clientIp: '', callbackUrl: url });
      return json(200, { eventType: 'subscribe_event', clientIp: '', callbackUrl: url });
    case 'DELETE':
      await service.setSubscribers(others);
      return json(200, { eventType: 'unsubscribe_event', clientIp: '', callbackUrl: url });
    default:
      return message(405, 'HTTP 405 Method Not Allowed');
  }
}

async function leader(leading: Leading, request: Request): Promise<Reply> {
  if (request.method === 'GET') return json(200, { leader: leading.self });
  if (request.method !== 'DELETE') return message(405, 'HTTP 405 Method Not Allowed');
  const location = (name: string): string | undefined => request.query.get(name) ?? undefined;
  const wanted = { backup: location('backup'), restore: location('restore') };
  if (atLeast(leading.service.config.version, '1.5.0') && (wanted.backup ?? wanted.restore) !== undefined) {
    const wrong = unusable(wanted.backup) ?? unusable(wanted.restore);
    if (wrong !== undefined) return message(422, wrong);
    await leading.requestBackup(wanted);
  }
  // After the answer is out: an abdicated leader ends, and is started again by Docker.
  request.outgoing.on('finish', leading.abdicate);
  return message(
    200,
    atLeast(leading.service.config.version, '1.3.0') ? 'Leadership abdicated' : 'Leadership abdicted',
  );
}

function group(leading: Leading): Reply {
  return json(200, {
    id: '/',
    apps: [...leading.service.apps.values()].map((app) => ({ id: app.id, instances: app.instances })),
    groups: [],
    dependencies: [],
    version: new Date(leading.startedAt).toISOString(),
  });
}

function queue(leading: Leading): Reply {
  const { service } = leading;
  const waiting = [...service.apps.values()]
    .map((app) => ({
      app,
      count:
        app.instances - [...service.tasks.values()].filter((task) => task.appId === app.id && !task.killing).length,
    }))
    .filter(({ count }) => count > 0);
  return json(200, {
    queue: waiting.map(({ app, count }) => ({ app: { id: app.id }, count, delay: { overdue: true } })),
  });
}

/** Answers what a leading Marathon answers; a standby never gets here, it proxies. */
export async function answer(leading: Leading, request: Request): Promise<Reply> {
  const { path } = request;
  const { version } = leading.service.config;
  if (path === '/ping') return text(200, 'pong');
  if (path === '/metrics') return json(200, metrics(leading));
  if (path === '/v2/info') return json(200, info(leading));
  if (path === '/v2/leader') return leader(leading, request);
  if (path === '/v2/apps' || path.startsWith('/v2/apps/')) return apps(leading, request);
  if (path === '/v2/tasks' || path.startsWith('/v2/tasks/')) return tasks(leading, request);
  if (path === '/v2/groups') return group(leading);
  if (path === '/v2/queue') return queue(leading);
  if (path === '/v2/deployments') {
    return json(
      200,
      [...leading.service.deployments.values()].map((deployment) => ({
        ...deployment,
        steps: [],
        currentActions: [],
        currentStep: 1,
        totalSteps: 1,
      })),
    );
  }
  if (path === '/v2/eventSubscriptions' && !atLeast(version, '1.5.0')) return eventSubscriptions(leading, request);
  if (path === '/v2/events') {
    if (!(request.headers.accept ?? '').includes('text/event-stream')) return message(406, 'HTTP 406 Not Acceptable');
    leading.service.events.stream(request.outgoing);
    return { kind: 'streaming' };
  }
  return message(404, 'HTTP 404 Not Found');
}
