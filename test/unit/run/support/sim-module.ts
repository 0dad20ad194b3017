import { z } from 'zod';
import { type AnyModule, ModuleFailure, type ModuleDefinition } from '../../../../src/modules/types.js';
import { sh } from '../../../../src/shell/text.js';
import type { Value } from '../../../../src/template/value.js';
import type { Lab } from './lab.js';

const shape = z.strictObject({
  do: z.string(),
  /** Hosts on which it fails. */
  fails_on: z.array(z.string()).default([]),
  /** How many times it fails before it succeeds. */
  fails: z.number().default(0),
  changed: z.boolean().default(true),
  out: z.custom<Value>().optional(),
  /** What compare answers: a change, an act, nothing to do, a plain failure. */
  would: z.enum(['change', 'act', 'same', 'failed']).default('change'),
  provides: z.array(z.string()).optional(),
  rests_on: z.array(z.string()).default([]),
  password: z.string().optional(),
  content: z.string().optional(),
  /** Really runs a command on the host's session. */
  run: z.string().optional(),
});

type Params = z.output<typeof shape>;

/** A module under the test's control: it asks its host once in the look, and the lab what becomes of the change. */
export function simModule(lab: Lab): AnyModule {
  const definition: ModuleDefinition<Params, undefined, undefined> = {
    name: 'sim',
    summary: 'Does what the test says.',
    params: shape,
    freeForm: 'do',
    secrets: ['password'],
    background: 'alone',
    restsOn: (params) => params.rests_on,
    look: ({ params }) => ({
      kind: 'procedure',
      read: async (host) => {
        await host.query(sh`look ${params.do}`);
        return undefined;
      },
    }),
    compare: (_found, { params }) => {
      if (params.would === 'failed') return { kind: 'failed', message: `${params.do} cannot work` };
      if (params.would === 'act') return { kind: 'act', summary: params.do };
      if (params.would === 'same') return { kind: 'same', values: { out: params.out ?? params.do } };
      return {
        kind: 'change',
        changes: [
          {
            part: 'content',
            ...(params.content === undefined
              ? {}
              : { diff: { before: '', after: params.content, beforeName: 'a', afterName: 'b' } }),
          },
        ],
        ...(params.provides === undefined ? {} : { provides: params.provides }),
      };
    },
    change: async (host, { params }) => {
      const key = `${host.name} ${params.do}`;
      lab.trace.push(key);
      await lab.enter(key, host.signal);
      const count = (lab.counts.get(key) ?? 0) + 1;
      lab.counts.set(key, count);
      const values = { rc: 0, out: params.out ?? params.do, count };
      if (params.run !== undefined) {
        const reply = await host.run(sh`${params.run}`, { ownChannel: true });
        return { values: { ...values, stdout: reply.stdout.toString('utf8') } };
      }
      if (params.fails_on.includes(host.name) || count <= params.fails)
        throw new ModuleFailure(`${params.do} failed`, { ...values, rc: 1 });
      return { changed: params.changed, values };
    },
  };
  return definition;
}
