import type { Answer, Endpoint, Question } from '../probe/ask.js';
import { httpGet, parseHttp, parseJsonBody, textOf } from '../probe/http.js';
import { metricsOf, programVersion } from './master-state.js';

/** What an agent says of itself. */
export type AgentState =
  | {
      readonly kind: 'running';
      readonly registered: boolean;
      readonly recoveryErrors: number;
      readonly version: string | undefined;
      readonly uptimeSeconds: number | undefined;
      readonly runningTasks: number | undefined;
    }
  | { readonly kind: 'silent'; readonly reason: string };

/** An agent as the elected master lists it. */
export interface ListedAgent {
  readonly id: string;
  readonly hostname: string;
  /** host:port of its process. */
  readonly endpoint: Endpoint;
  readonly active: boolean;
}

export function askAgent(endpoint: Endpoint): readonly Question[] {
  return [
    httpGet(`${endpoint} metrics`, { endpoint, path: '/metrics/snapshot' }),
    httpGet(`${endpoint} version`, { endpoint, path: '/version' }),
  ];
}

export function parseAgent(endpoint: Endpoint, answers: ReadonlyMap<string, Answer>): AgentState {
  const answer = answers.get(`${endpoint} metrics`);
  const metrics = metricsOf(parseHttp(answer));
  if (metrics === undefined)
    return { kind: 'silent', reason: answer?.kind === 'silent' ? answer.reason : 'it does not tell its metrics' };
  return {
    kind: 'running',
    registered: metrics['slave/registered'] === 1,
    recoveryErrors: metrics['slave/recovery_errors'] ?? 0,
    version: programVersion(answers.get(`${endpoint} version`)),
    uptimeSeconds: metrics['slave/uptime_secs'],
    runningTasks: metrics['slave/tasks_running'],
  };
}

/** \`/slaves\` of a master (0.22 and later); a master that is not elected redirects or knows none. */
export function askAgents(master: Endpoint): Question {
  return httpGet(`${master} slaves`, { endpoint: master, path: '/slaves' });
}

export function parseAgents(master: Endpoint, answers: ReadonlyMap<string, Answer>): readonly ListedAgent[] {
  const reply = parseHttp(answers.get(`${master} slaves`));
  const data =
    reply?.status === 200 ? (parseJsonBody(reply) as { readonly slaves?: unknown } | null | undefined) : undefined;
  if (!Array.isArray(data?.slaves)) return [];
  return data.slaves.flatMap(
    (
      slave: {
        readonly id?: unknown;
        readonly hostname?: unknown;
        readonly pid?: unknown;
        readonly active?: unknown;
      } | null,
    ) => {
      const pid = typeof slave?.pid === 'string' ? slave.pid : '';
      const endpoint = pid.slice(pid.lastIndexOf('@') + 1);
      return [
        {
          id: textOf(slave?.id),
          hostname: textOf(slave?.hostname),
          endpoint,
          active: slave?.active === true,
        },
      ];
    },
  );
}
