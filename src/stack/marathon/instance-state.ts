import type { Answer, Endpoint, Question } from '../probe/ask.js';
import { httpGet, parseHttp, parseJsonBody } from '../probe/http.js';
import { versionOf } from '../version.js';

/** What a Marathon instance says. Every answer of a standby is the leader's, handed on. */
export type InstanceState =
  | {
      readonly kind: 'running';
      /** Whom it names as the leader, host:port. */
      readonly leader: string | undefined;
      /** Whether another instance answered in its place. */
      readonly standby: boolean;
      /** The leader's version. */
      readonly leaderVersion: string | undefined;
      readonly frameworkId: string | undefined;
    }
  | { readonly kind: 'silent'; readonly reason: string };

export function askInstance(endpoint: Endpoint): readonly Question[] {
  return [
    httpGet(`${endpoint} leader`, { endpoint, path: '/v2/leader' }),
    httpGet(`${endpoint} info`, { endpoint, path: '/v2/info' }),
  ];
}

export function parseInstance(endpoint: Endpoint, answers: ReadonlyMap<string, Answer>): InstanceState {
  const answer = answers.get(`${endpoint} leader`);
  const reply = parseHttp(answer);
  if (reply === undefined)
    return { kind: 'silent', reason: answer?.kind === 'silent' ? answer.reason : 'it does not speak HTTP' };
  const leader =
    reply.status === 200
      ? (parseJsonBody(reply) as { readonly leader?: unknown } | null | undefined)?.leader
      : undefined;
  const info = parseJsonBody(parseHttp(answers.get(`${endpoint} info`))) as
    | { readonly version?: unknown; readonly frameworkId?: unknown }
    | null
    | undefined;
  return {
    kind: 'running',
    leader: typeof leader === 'string' ? leader : undefined,
    standby: reply.headers['x-marathon-via'] !== undefined,
    leaderVersion: typeof info?.version === 'string' ? versionOf(info.version) : undefined,
    frameworkId: typeof info?.frameworkId === 'string' ? info.frameworkId : undefined,
  };
}
