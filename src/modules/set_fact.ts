import { z } from 'zod';
import type { Value } from '../template/value.js';
import { defineModule, noChange } from './support/define.js';

const namePattern = /^[A-Za-z_$][\w$]*$/;

/** Sets variables of the host from now on. */
export const setFact = defineModule({
  name: 'set_fact',
  summary: 'Sets variables of this host for the rest of the run, whatever names are given.',
  params: z
    .record(
      z
        .string()
        .regex(namePattern, 'a variable is named with letters, digits and `_`, and does not start with a digit'),
      z.custom<Value>(),
    )
    .refine((facts) => Object.keys(facts).length > 0, 'give at least one variable')
    .describe('Variable names and their values.'),
  controllerOnly: true,
  look: () => ({ kind: 'nothing', found: undefined }),
  compare: (_found, { params }) => ({ kind: 'same', facts: params, values: { facts: params } }),
  change: noChange,
});
