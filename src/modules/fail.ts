import { defineModule, noChange, params } from './support/define.js';
import { text } from './support/fields.js';

/** Fails with a message. */
export const fail = defineModule({
  name: 'fail',
  summary: 'Fails with a message, for use with `when`.',
  params: params({ msg: text('Why.').default('Failed as requested from task') }),
  freeForm: 'msg',
  controllerOnly: true,
  look: () => ({ kind: 'nothing', found: undefined }),
  compare: (_found, { params }) => ({ kind: 'failed', message: params.msg }),
  change: noChange,
});
