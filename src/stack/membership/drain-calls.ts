import { parseAgents } from '../mesos/agent-state.js';
import type { Answer, Endpoint, Question } from '../probe/ask.js';
import { httpDelete, httpGet, httpPost, parseHttp, parseJsonBody, textOf } from '../probe/http.js';
import { isAtLeast } from '../version.js';

type Answers = ReadonlyMap<string, Answer>;
type JsonMap = Readonly<Record<string, unknown>>;

/** How tasks leave an agent: by the master's own call from 1.9 on; before, by a window of maintenance (0.25 and later). */
export type DrainWay = 'drain' | 'maintenance' | 'none';

export function drainWay(masterVersion: string | undefined): DrainWay {
  if (masterVersion === undefined) return 'none';
  if (isAtLeast(masterVersion, '1.9.0')) return 'drain';
  return isAtLeast(masterVersion, '0.25.0') ? 'maintenance' : 'none';
}

/** The operator API of the elected master (1.0 and later). */
export function operatorCall(key: string, call: { readonly master: Endpoint; readonly body: JsonMap }): Question {
  return httpPost(key, { endpoint: call.master, path: '/api/v1', body: JSON.stringify(call.body) });
}

export function drainCall(master: Endpoint, agentId: string): Question {
  return operatorCall('drain', {
    master,
    body: { type: 'DRAIN_AGENT', drain_agent: { agent_id: { value: agentId } } },
  });
}

export function askDrainState(master: Endpoint): Question {
  return operatorCall('agents', { master, body: { type: 'GET_AGENTS' } });
}

/** DRAINING or DRAINED as the master says it of an agent; undefined when it says neither. */
export function parseDrainState(answers: Answers, agentId: string): string | undefined {
  const body = parseJsonBody(parseHttp(answers.get('agents')));
  const list = mapIn(body, 'get_agents')?.['agents'];
  if (!Array.isArray(list)) return undefined;
  const agent = list.find((one: unknown) => mapIn(mapIn(one, 'agent_info'), 'id')?.['value'] === agentId);
  const state = textOf(mapIn(agent, 'drain_info')?.['state']);
  return state === '' ? undefined : state;
}

/** The agent that answers at an endpoint, as the elected master lists it. */
export function agentAt(
  endpoint: Endpoint,
  options: { readonly master: Endpoint; readonly answers: Answers },
): { readonly id: string; readonly hostname: string } | undefined {
  return parseAgents(options.master, options.answers).find((agent) => agent.endpoint === endpoint && agent.active);
}

export function askSchedule(master: Endpoint): Question {
  return httpGet('schedule', { endpoint: master, path: '/maintenance/schedule' });
}

/** A machine as a schedule names it; both must match what the agent announces. */
export interface Machine {
  readonly hostname: string;
  readonly ip: string;
}

/**
 * The schedule with a window for one machine from now on, without an end. There is one schedule for a cluster, and a post
 * replaces it: what is in it stays. Undefined: the machine is in it already, or what the master told is no schedule.
 */
export function scheduleWith(
  answers: Answers,
  { machine, nowMilliseconds }: { readonly machine: Machine; readonly nowMilliseconds: number },
): JsonMap | undefined {
  const body = parseJsonBody(parseHttp(answers.get('schedule')));
  if (typeof body !== 'object' || body === null) return undefined;
  const found = (body as JsonMap)['windows'];
  const windows: readonly unknown[] = Array.isArray(found) ? found : [];
  const known = windows.some((window) => {
    const machines = mapIn({ window }, 'window')?.['machine_ids'];
    return Array.isArray(machines) && machines.some((one: unknown) => isSame(one, machine));
  });
  if (known) return undefined;
  const start = { nanoseconds: nowMilliseconds * 1_000_000 };
  return { windows: [...windows, { machine_ids: [machine], unavailability: { start } }] };
}

export function postSchedule(master: Endpoint, schedule: JsonMap): Question {
  return httpPost('post', { endpoint: master, path: '/maintenance/schedule', body: JSON.stringify(schedule) });
}

/** \`down\` shuts the agent down for the masters, \`up\` takes the machine out of the schedule. */
export function machineCall(
  way: 'down' | 'up',
  { master, machine }: { readonly master: Endpoint; readonly machine: Machine },
): Question {
  return httpPost(`machine ${way}`, { endpoint: master, path: `/machine/${way}`, body: JSON.stringify([machine]) });
}

export function askTasks(marathon: Endpoint): Question {
  return httpGet('tasks', { endpoint: marathon, path: '/v2/tasks' });
}

/** Marathon's tasks on an agent, by the name it announces; undefined when Marathon does not tell. */
export function tasksOn(answers: Answers, hostname: string): readonly string[] | undefined {
  const tasks = (parseJsonBody(parseHttp(answers.get('tasks'))) as JsonMap | null | undefined)?.['tasks'];
  if (!Array.isArray(tasks)) return undefined;
  return tasks.flatMap((task: JsonMap | null) => {
    const id = textOf(task?.['id']);
    const state = textOf(task?.['state']);
    return textOf(task?.['host']) === hostname && id !== '' && (state === '' || state === 'TASK_RUNNING') ? [id] : [];
  });
}

/** Ends one task; its app gets another. */
export function killTask(marathon: Endpoint, id: string): Question {
  return httpDelete(`kill ${id}`, { endpoint: marathon, path: `/v2/tasks/${encodeURIComponent(id)}?force=false` });
}

/** Why a call was not taken; undefined: it was. */
export function callProblem(answers: Answers, key: string): string | undefined {
  const answer = answers.get(key);
  const reply = parseHttp(answer);
  if (reply !== undefined && reply.status >= 200 && reply.status < 300) return undefined;
  if (reply !== undefined) return `it answers ${reply.status}: ${reply.body.trim().slice(0, 300)}`;
  return answer?.kind === 'silent' ? answer.reason : 'it does not answer';
}

function mapIn(value: unknown, key: string): JsonMap | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const inner = (value as JsonMap)[key];
  return typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? (inner as JsonMap) : undefined;
}

function isSame(one: unknown, machine: Machine): boolean {
  if (typeof one !== 'object' || one === null) return false;
  const { hostname, ip } = one as JsonMap;
  return hostname === machine.hostname && ip === machine.ip;
}
