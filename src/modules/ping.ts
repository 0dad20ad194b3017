import { sh } from '../shell/text.js';
import { defineModule, noChange, params } from './support/define.js';
import { text } from './support/fields.js';

/** Proves that a host can be reached and runs a script. */
export const ping = defineModule({
  name: 'ping',
  summary: 'Logs in to the host and has it answer.',
  params: params({ data: text('What the answer is.').default('pong') }),
  look: ({ params: { data } }) => ({
    kind: 'script',
    script: sh`printf %s ${data}`,
    parse: ({ stdout }) => stdout.toString('utf8'),
  }),
  compare: (found) => ({ kind: 'same', values: { ping: found } }),
  change: noChange,
});
