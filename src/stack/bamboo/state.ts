import { joinShell, sh } from '../../shell/text.js';
import { defineModule, params } from '../../modules/support/define.js';
import { word } from '../../modules/support/fields.js';
import { parseReport } from '../../modules/support/report.js';
import { askAll, parseAnswers } from '../probe/ask.js';
import { httpGet, parseHttp } from '../probe/http.js';
import { judge } from '../probe/judge.js';
import { askBamboo, parseBamboo, type BambooState } from './bamboo-state.js';

interface Found {
  readonly bamboo: BambooState;
  /** HTTP status of HAProxy's front page; undefined: it does not answer. Without apps it is 503, and that is well. */
  readonly haproxyStatus: number | undefined;
  /** What HAProxy has against its configuration; undefined: nothing. */
  readonly configuration: string | undefined;
}

/** Proves that Bamboo and HAProxy work. */
export const bambooStateModule = defineModule({
  name: 'bamboo_state',
  summary:
    "Proves that Bamboo lists Marathon's apps, that HAProxy's configuration is valid and that HAProxy answers; changes nothing.",
  params: params({
    bamboo: word('Bamboo as host:port.'),
    haproxy: word('HAProxy as host:port.'),
    container: word('The container both run in.'),
  }),
  look: ({ params }) => ({
    kind: 'script',
    script: joinShell([
      askAll([askBamboo(params.bamboo), httpGet('haproxy', { endpoint: params.haproxy, path: '/' })]),
      sh`if said=$(docker exec ${params.container} haproxy -c -f /etc/haproxy/haproxy.cfg 2>&1); then tell valid; else tell invalid "$said"; fi`,
    ]),
    parse(reply): Found {
      const answers = parseAnswers(reply);
      const report = parseReport(reply);
      return {
        bamboo: parseBamboo(params.bamboo, answers),
        haproxyStatus: parseHttp(answers.get('haproxy'))?.status,
        configuration: report.word('invalid'),
      };
    },
  }),
  compare: (found, { params, preview, promised }) =>
    judge({
      problem: bambooProblem(found, params),
      values: { apps: found.bamboo.kind === 'running' ? (found.bamboo.apps ?? null) : null },
      container: params.container,
      preview,
      promised,
    }),
  change: () => Promise.resolve({ changed: false }),
});

/** Why Bamboo and HAProxy are not as they should be; undefined when they are. */
export function bambooProblem(
  found: Found,
  wanted: { readonly bamboo: string; readonly haproxy: string },
): string | undefined {
  const { bamboo, haproxyStatus, configuration } = found;
  if (bamboo.kind === 'silent') return `Bamboo at ${wanted.bamboo}: ${bamboo.reason}`;
  if (bamboo.apps === undefined) return `Bamboo at ${wanted.bamboo} lists no apps: it cannot reach Marathon`;
  if (configuration !== undefined) return `HAProxy's configuration is not valid: ${configuration.slice(-1000)}`;
  return haproxyStatus === undefined ? `HAProxy at ${wanted.haproxy} does not answer` : undefined;
}
