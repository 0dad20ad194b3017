import type { Answer, Endpoint, Question } from '../probe/ask.js';
import { httpGet, parseHttp, parseJsonBody, textOf } from '../probe/http.js';

/** What a Bamboo says. */
export type BambooState =
  | {
      readonly kind: 'running';
      /** Its apps; undefined when it has not heard from Marathon (\`Apps\` is null). */
      readonly apps: readonly string[] | undefined;
      /** Rules by app. */
      readonly rules: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'silent'; readonly reason: string };

/** \`/status\` says OK whatever happens; \`/api/state\` is what tells whether it works. */
export function askBamboo(endpoint: Endpoint): Question {
  return httpGet(`${endpoint} state`, { endpoint, path: '/api/state' });
}

export function parseBamboo(endpoint: Endpoint, answers: ReadonlyMap<string, Answer>): BambooState {
  const answer = answers.get(`${endpoint} state`);
  const reply = parseHttp(answer);
  if (reply === undefined)
    return { kind: 'silent', reason: answer?.kind === 'silent' ? answer.reason : 'it does not speak HTTP' };
  if (reply.status !== 200) return { kind: 'silent', reason: `it answers ${reply.status}` };
  const data = parseJsonBody(reply) as { readonly Apps?: unknown; readonly Services?: unknown } | null | undefined;
  const apps = Array.isArray(data?.Apps)
    ? data.Apps.map((app: { readonly Id?: unknown } | null) => textOf(app?.Id))
    : undefined;
  return { kind: 'running', apps, rules: rulesOf(data?.Services) };
}

function rulesOf(services: unknown): Readonly<Record<string, string>> {
  if (typeof services !== 'object' || services === null) return {};
  return Object.fromEntries(
    Object.entries(services).map(
      ([id, service]: [string, { readonly Acl?: unknown; readonly Config?: { readonly Acl?: unknown } } | null]) => [
        id,
        textOf(service?.Acl ?? service?.Config?.Acl),
      ],
    ),
  );
}
