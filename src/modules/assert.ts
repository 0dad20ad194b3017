import { Unknown } from '../template/value.js';
import { defineModule, noChange, params } from './support/define.js';
import { alias, expressions, flag, text } from './support/fields.js';

/** Fails unless all conditions hold. */
export const assertModule = defineModule({
  name: 'assert',
  summary: 'Fails unless every condition holds.',
  params: params({
    that: expressions('One condition or a list of them.'),
    fail_msg: alias(text('Said when a condition does not hold.').optional(), 'msg'),
    success_msg: text('Said when all hold.').default('All assertions passed'),
    quiet: flag('Leaves out the success message.').default(false),
  }),
  freeForm: 'that',
  expressions: ['that'],
  controllerOnly: true,
  look: () => ({ kind: 'nothing', found: undefined }),
  compare(_found, { params }) {
    const broken = params.that.find(({ value }) => !(value instanceof Unknown) && !value);
    if (broken !== undefined) {
      return {
        kind: 'failed',
        message: params.fail_msg ?? `assertion failed: ${broken.expression}`,
        values: { assertion: broken.expression, evaluated_to: broken.value },
      };
    }
    for (const { value } of params.that) if (value instanceof Unknown) return { kind: 'unknown', reason: value.reason };
    return { kind: 'same', values: params.quiet ? {} : { msg: params.success_msg } };
  },
  change: noChange,
});
