import { defineModule, params } from './support/define.js';
import { seconds, text } from './support/fields.js';
import { pass } from './support/pass.js';

/** Lets time pass. */
export const pause = defineModule({
  name: 'pause',
  summary: 'Waits a while before the next task.',
  params: params(
    {
      seconds: seconds('How many seconds.').optional(),
      minutes: seconds('How many minutes, added to the seconds.').optional(),
      prompt: text('What to show while it waits.').optional(),
    },
    (value) =>
      value.seconds === undefined && value.minutes === undefined
        ? 'give `seconds` or `minutes`: nobody is asked while the runner works'
        : undefined,
  ),
  freeForm: 'seconds',
  look: () => ({ kind: 'nothing', found: undefined }),
  compare: (_found, { params }) => {
    const wait = secondsOf(params);
    return wait === 0 ? { kind: 'same', values: { elapsed: 0 } } : { kind: 'act', summary: `waits ${wait} s` };
  },
  async change(host, { params }) {
    const wait = secondsOf(params);
    host.progress(params.prompt ?? `waiting ${wait} s`);
    await pass(host, wait);
    return { changed: false, values: { elapsed: wait } };
  },
});

function secondsOf(params: { readonly seconds?: number | undefined; readonly minutes?: number | undefined }): number {
  return (params.minutes ?? 0) * 60 + (params.seconds ?? 0);
}
