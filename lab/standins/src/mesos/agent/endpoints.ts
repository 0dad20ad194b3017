import { json, jsonBody, text, type Reply, type Request } from '../../shared/http-server.js';
import { atLeast } from '../../shared/version.js';
import { isTerminal, type TaskInfo } from '../protocol.js';
import type { Agent } from './agent.js';

function metrics(agent: Agent): Readonly<Record<string, number>> {
  const count = (state: string): number => agent.tasks.statuses().filter((status) => status.state === state).length;
  return {
    'slave/registered': agent.registered() ? 1 : 0,
    'slave/recovery_errors': agent.recoveryErrors,
    'slave/uptime_secs': (Date.now() - agent.startedAt) / 1000,
    'slave/tasks_running': count('TASK_RUNNING'),
    'slave/tasks_staging': count('TASK_STAGING'),
    'slave/cpus_total': agent.config.resources.cpus,
    'slave/mem_total': agent.config.resources.mem,
  };
}

function state(agent: Agent): Readonly<Record<string, unknown>> {
  const { config } = agent;
  const { ip, port, hostname } = config.advertised;
  const running = agent.tasks.statuses().filter((status) => !isTerminal(status.state));
  const frameworks = new Map(
    running.map(({ task }) => [
      task.frameworkId,
      running.filter((status) => status.task.frameworkId === task.frameworkId),
    ]),
  );
  return {
    version: config.version,
    build_user: 'lab stand-in',
    id: agent.id() ?? '',
    pid: `slave(1)@${ip}:${port}`,
    hostname,
    start_time: agent.startedAt / 1000,
    resources: { ...config.resources, ports: `[${config.resources.ports.join('-')}]` },
    attributes: config.attributes,
    master_hostname: agent.masterHostname() ?? '',
    flags: config.flags.given,
    frameworks: [...frameworks].map(([id, statuses]) => ({
      id,
      executors: statuses.map(({ task, state: taskState }) => ({
        id: task.taskId,
        name: '',
        tasks: [{ id: task.taskId, name: task.name, state: taskState, slave_id: agent.id() }],
      })),
    })),
    completed_frameworks: [],
  };
}

function operatorApi(agent: Agent, request: Request): Reply {
  if (request.method !== 'POST') return text(405);
  const type = (jsonBody(request) as { type?: string } | undefined)?.type;
  if (type === 'GET_HEALTH') return json(200, { type, get_health: { healthy: true } });
  if (type === 'GET_VERSION')
    return json(200, {
      type,
      get_version: { version_info: { version: agent.config.version, build_user: 'lab stand-in' } },
    });
  return type === undefined
    ? text(400, 'Failed to parse body into JSON')
    : text(501, `The lab stand-in has no ${type}`);
}

async function internal(agent: Agent, request: Request): Promise<Reply> {
  const body = jsonBody(request) as { agentId?: string; task?: TaskInfo; taskId?: string } | undefined;
  if (request.path === '/standin/launch' && body?.task !== undefined) {
    if (body.agentId !== agent.id()) return text(409, 'no such agent here');
    agent.tasks.launch(body.task, body.agentId ?? '');
    return text(200);
  }
  if (request.path === '/standin/kill' && body?.taskId !== undefined) {
    void agent.tasks.kill(body.taskId);
    return text(200);
  }
  return text(404);
}

/** Answers what a mesos-slave of this version answers, with and without its `/slave(1)` prefix. */
export async function answer(agent: Agent, request: Request): Promise<Reply> {
  if (request.path.startsWith('/standin/')) return internal(agent, request);
  const { version, flags } = agent.config;
  const path = decodeURIComponent(request.path).replace(/^\/slave\(1\)(?=\/)/, '');
  const has = (since: string): boolean => atLeast(version, since);
  if (path === '/health') return text(200);
  if (path === '/metrics/snapshot') return json(200, metrics(agent));
  if (path === '/state.json' && !has('1.8.0')) return json(200, state(agent));
  if (path === '/state' && has('0.25.0')) return json(200, state(agent));
  if (path === '/version' && has('0.26.0'))
    return json(200, { version, build_user: 'lab stand-in', build_date: '', build_time: 0 });
  if (path === '/flags' && has('0.26.0')) return json(200, { flags: flags.given });
  if (path === '/containers' && has('1.0.0')) {
    return json(
      200,
      agent.tasks
        .statuses()
        .map(({ task }) => ({ container_id: task.taskId, executor_id: task.taskId, framework_id: task.frameworkId })),
    );
  }
  if (path === '/api/v1' && has('1.0.0')) return operatorApi(agent, request);
  return text(404);
}
