import { defineModule, params } from './support/define.js';
import { seconds, text } from './support/fields.js';
import { pass } from './support/pass.js';

/** Lets time pass. */
export const pause = defineModule({
  name: 'pause',
  summary: 'Waits a while before the next task.',
  params: params({
    seconds: seconds('How many seconds.').default(0),
    minutes: seconds('How many minutes, added to the seconds.').default(0),
    prompt: text('What to show while it waits.').optional(),
  }),
  freeForm: 'seconds',
  look: () => ({ kind: 'nothing', found: undefined }),
  compare: (_found, { params }) => {
    const wait = params.minutes * 60 + params.seconds;
    return wait === 0 ? { kind: 'same', values: { elapsed: 0 } } : { kind: 'act', summary: `waits ${wait} s` };
  },
  async change(host, { params }) {
    const wait = params.minutes * 60 + params.seconds;
    host.progress(params.prompt ?? `waiting ${wait} s`);
    await pass(host, wait);
    return { changed: false, values: { elapsed: wait } };
  },
});
