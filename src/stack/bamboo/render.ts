import { defineModule, params } from '../../modules/support/define.js';
import { word } from '../../modules/support/fields.js';
import { ModuleFailure, type Comparison } from '../../modules/types.js';
import { askAll, parseAnswers } from '../probe/ask.js';
import { httpPost, parseHttp } from '../probe/http.js';

/** Makes Bamboo render HAProxy's configuration at once: any event does. */
export const bambooRender = defineModule({
  name: 'bamboo_render',
  summary: "Has Bamboo read its template and render HAProxy's configuration again, without dropping a connection.",
  params: params({ bamboo: word('Bamboo as host:port.') }),
  look: () => ({ kind: 'nothing', found: undefined }),
  compare: (): Comparison => ({ kind: 'change', changes: [{ part: 'rendered', after: true }], provides: [] }),
  async change(host, { params }) {
    const body = JSON.stringify({ eventType: 'template_changed', timestamp: new Date().toISOString() });
    const question = httpPost('event', { endpoint: params.bamboo, path: '/api/marathon/event_callback', body });
    const reply = await host.run(askAll([question]));
    const code = reply.end.kind === 'code' ? reply.end.code : 1;
    const answer = parseHttp(parseAnswers({ code, stdout: reply.stdout, stderr: reply.stderr }).get('event'));
    if (answer?.status !== 200)
      throw new ModuleFailure(`Bamboo at ${params.bamboo} does not take the event: ${answer?.status ?? 'no answer'}`);
    return {};
  },
});
