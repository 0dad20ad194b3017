import { json, jsonBody, text, type Reply, type Request } from '../shared/http-server.js';
import { message, type Leading } from './api.js';
import { safePath, type Task } from './model.js';

export function taskJson(leading: Leading, task: Task): Readonly<Record<string, unknown>> {
  const app = leading.service.apps.get(task.appId);
  return {
    id: task.id,
    appId: task.appId,
    host: task.host,
    ports: task.ports,
    servicePorts: app?.ports.map(({ servicePort }) => servicePort) ?? [],
    stagedAt: task.stagedAt,
    startedAt: task.startedAt === '' ? null : task.startedAt,
    version: task.version,
    slaveId: task.agentId,
    state: task.state,
    ipAddresses: task.containerIp === '' ? [] : [{ ipAddress: task.containerIp, protocol: 'IPv4' }],
  };
}

/** `id_with_underscores<TAB>servicePort<TAB>host:port<TAB>…`, one line for each port; an app without ports `id<TAB> <TAB>host …`. */
function textFormat(leading: Leading): string {
  const { service } = leading;
  const lines = [...service.apps.values()].flatMap((app) => {
    const running = [...service.tasks.values()].filter(
      (task) => task.appId === app.id && task.state === 'TASK_RUNNING',
    );
    const cells = (port: number): string => running.map((task) => `${task.host}:${task.ports[port] ?? 0}\t`).join('');
    if (app.ports.length === 0) return [`${safePath(app.id)}\t \t${running.map((task) => task.host).join('\t')}\t\n`];
    return app.ports.map(({ servicePort }, index) => `${safePath(app.id)}\t${servicePort}\t${cells(index)}\n`);
  });
  return lines.join('');
}

/** `/v2/tasks` as JSON or text, `POST /v2/tasks/delete`, `DELETE /v2/tasks/<id>`. */
export async function tasks(leading: Leading, request: Request): Promise<Reply> {
  const { service } = leading;
  if (request.path === '/v2/tasks/delete' && request.method === 'POST') {
    const ids = (jsonBody(request) as { ids?: readonly string[] } | undefined)?.ids ?? [];
    const found = ids.flatMap((id) => service.tasks.get(id) ?? []);
    await Promise.all(found.map(leading.kill));
    return json(200, { tasks: found.map((task) => taskJson(leading, task)) });
  }
  if (request.path !== '/v2/tasks') {
    const id = decodeURIComponent(request.path.slice('/v2/tasks/'.length));
    const task = service.tasks.get(id);
    if (task === undefined || request.method !== 'DELETE') return message(404, `Task '${id}' does not exist`);
    await leading.kill(task);
    return json(200, { task: taskJson(leading, task) });
  }
  const accept = request.headers.accept ?? '';
  if (accept.includes('text/plain') && !accept.includes('application/json')) return text(200, textFormat(leading));
  const statuses = [...request.query.getAll('status'), ...request.query.getAll('status[]')].map(
    (status) => `TASK_${status.toUpperCase()}`,
  );
  const found = [...service.tasks.values()].filter((task) => statuses.length === 0 || statuses.includes(task.state));
  return json(200, { tasks: found.map((task) => taskJson(leading, task)) });
}
