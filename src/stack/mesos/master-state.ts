import type { Answer, Endpoint, Question } from '../probe/ask.js';
import { httpGet, parseHttp, parseJsonBody, type HttpReply } from '../probe/http.js';
import { versionOf } from '../version.js';

/** What a master says of itself. */
export type MasterState =
  | {
      readonly kind: 'running';
      readonly elected: boolean;
      /** Whether its replica of the log votes again; undefined before 1.0, which does not say. */
      readonly recovered: boolean | undefined;
      readonly activeAgents: number | undefined;
      readonly version: string | undefined;
      readonly uptimeSeconds: number | undefined;
    }
  | { readonly kind: 'silent'; readonly reason: string };

/** \`/metrics/snapshot\` is never redirected: it is how to ask this very master. */
export function askMaster(endpoint: Endpoint): readonly Question[] {
  return [
    httpGet(`${endpoint} metrics`, { endpoint, path: '/metrics/snapshot' }),
    httpGet(`${endpoint} version`, { endpoint, path: '/version' }),
  ];
}

export function parseMaster(endpoint: Endpoint, answers: ReadonlyMap<string, Answer>): MasterState {
  const answer = answers.get(`${endpoint} metrics`);
  const metrics = metricsOf(parseHttp(answer));
  if (metrics === undefined)
    return { kind: 'silent', reason: answer?.kind === 'silent' ? answer.reason : 'it does not tell its metrics' };
  const recovered = metrics['registrar/log/recovered'];
  return {
    kind: 'running',
    elected: metrics['master/elected'] === 1,
    recovered: recovered === undefined ? undefined : recovered === 1,
    activeAgents: metrics['master/slaves_active'],
    version: programVersion(answers.get(`${endpoint} version`)),
    uptimeSeconds: metrics['master/uptime_secs'],
  };
}

/** Numbers of \`/metrics/snapshot\`; undefined for anything else. */
export function metricsOf(reply: HttpReply | undefined): Readonly<Record<string, number>> | undefined {
  const data = reply?.status === 200 ? parseJsonBody(reply) : undefined;
  if (typeof data !== 'object' || data === null) return undefined;
  return Object.fromEntries(
    Object.entries(data).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}

/** The version that \`/version\` tells (0.26 and later). */
export function programVersion(answer: Answer | undefined): string | undefined {
  const data = parseJsonBody(parseHttp(answer)) as { readonly version?: unknown } | undefined | null;
  return typeof data?.version === 'string' ? versionOf(data.version) : undefined;
}
