import type { Endpoint, Question } from '../probe/ask.js';
import { httpPost, textOf } from '../probe/http.js';
import { isMap } from './state.js';

type JsonMap = Readonly<Record<string, unknown>>;

/** What Marathon adds to an app when it tells it, and does not take back. */
const toldOnly: ReadonlySet<string> = new Set([
  'version',
  'versionInfo',
  'tasksStaged',
  'tasksRunning',
  'tasksHealthy',
  'tasksUnhealthy',
  'deployments',
  'tasks',
  'taskStats',
  'lastTaskFailure',
  'readinessCheckResults',
]);

/** Apps of a backup that are not there now, as Marathon takes them. */
export function missingApps(kept: unknown, now: readonly JsonMap[]): readonly JsonMap[] {
  const apps = isMap(kept) && Array.isArray(kept['apps']) ? kept['apps'].filter(isMap) : [];
  const there = new Set(now.map((app) => textOf(app['id'])));
  return apps
    .filter((app) => textOf(app['id']) !== '' && !there.has(textOf(app['id'])))
    .map((app) => Object.fromEntries(Object.entries(app).filter(([key]) => !toldOnly.has(key))));
}

/** Rules of a backup whose apps have none now. */
export function missingServices(kept: unknown, now: JsonMap): readonly { readonly id: string; readonly acl: string }[] {
  if (!isMap(kept)) return [];
  return Object.entries(kept).flatMap(([id, service]) => {
    if (id in now || !isMap(service)) return [];
    const config = service['Config'];
    const acl = textOf(service['Acl'] ?? (isMap(config) ? config['Acl'] : undefined));
    return acl === '' ? [] : [{ id, acl }];
  });
}

export function postApp(marathon: Endpoint, app: JsonMap): Question {
  return httpPost(`app ${textOf(app['id'])}`, { endpoint: marathon, path: '/v2/apps', body: JSON.stringify(app) });
}

export function postService(bamboo: Endpoint, service: { readonly id: string; readonly acl: string }): Question {
  return httpPost(`service ${service.id}`, { endpoint: bamboo, path: '/api/services', body: JSON.stringify(service) });
}
