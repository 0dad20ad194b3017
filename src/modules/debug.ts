import { z } from 'zod';
import type { Value } from '../template/value.js';
import { defineModule, noChange, params } from './support/define.js';
import { expression, integer } from './support/fields.js';

/** Shows a message or a value. */
export const debug = defineModule({
  name: 'debug',
  summary: 'Shows a message or the value of an expression.',
  params: params(
    {
      msg: z.custom<Value>().describe('What to show: a text, or any value.').optional(),
      var: expression('An expression whose value is shown.').optional(),
      verbosity: integer('Shown from this many `-v` on.').default(0),
    },
    (value) => (value.msg !== undefined && value.var !== undefined ? '`msg` and `var` exclude each other' : undefined),
  ),
  freeForm: 'msg',
  expressions: ['var'],
  controllerOnly: true,
  look: () => ({ kind: 'nothing', found: undefined }),
  compare(_found, { params }) {
    if (params.var !== undefined) {
      const { expression: name, value } = params.var;
      return { kind: 'same', values: { [name]: value }, message: `${name}: ${shown(value)}` };
    }
    const msg = params.msg ?? 'Hello world!';
    return { kind: 'same', values: { msg }, message: shown(msg) };
  },
  change: noChange,
});

function shown(value: Value): string {
  return typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);
}
