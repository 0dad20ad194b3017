import { z } from 'zod';
import { type AnyModule, type ModuleDefinition, ModuleFailure } from '../../../../src/modules/types.js';
import { sh } from '../../../../src/shell/text.js';
import type { Answer, Asked } from './fake-session.js';

const shape = z.strictObject({ key: z.string(), to: z.string(), waits: z.boolean().default(false) });

type Params = z.output<typeof shape>;

/** Sets a key of a pretended host to a value; its look is a script, so that it can be gathered. */
export const settingModule = {
  name: 'setting',
  summary: 'Sets a key.',
  params: shape,
  look: ({ params }) => ({
    kind: 'script',
    script: sh`peek ${params.key}`,
    parse: ({ code, stdout }) => {
      if (code !== 0) throw new ModuleFailure(`cannot look at ${params.key}`);
      return stdout.toString('utf8');
    },
  }),
  compare: (found, { params, promised }) => {
    if (found === 'broken' && promised?.has(`key:${params.key}`) !== true)
      return { kind: 'failed', message: `${params.key} is broken` };
    if (found === params.to) return { kind: 'same', values: { found } };
    return {
      kind: 'change',
      changes: [{ part: params.key, before: found, after: params.to }],
      values: { found },
      provides: [`key:${params.key}`],
    };
  },
  change: async (host, { params }) => {
    await host.run(sh`put ${params.key} ${params.to}`);
    return {};
  },
} satisfies ModuleDefinition<Params, undefined, string> as unknown as AnyModule;

/** Pretended hosts that hold settings: what is asked of each, in order, and whether it came ahead of its task. */
export class SettingsHosts {
  readonly values = new Map<string, string>();
  readonly log: string[] = [];
  readonly answer = (asked: Asked): Answer => {
    const [verb = '', key = '', value = ''] = asked.text.replaceAll("'", '').split(' ');
    const isAhead = 'ahead' in asked.request;
    this.log.push(`${asked.host} ${verb} ${key}${isAhead ? ' ahead' : ''}`);
    const place = `${asked.host} ${key}`;
    if (verb === 'put') this.values.set(place, value);
    const found = this.values.get(place) ?? 'on';
    return verb === 'peek'
      ? { stdout: found, ...(found === 'mute' ? { end: { kind: 'code', code: 1 } } : {}) }
      : undefined;
  };

  /** What was asked of a host and not sent ahead: its round trips. */
  trips(host: string): readonly string[] {
    return this.log.filter((entry) => entry.startsWith(`${host} `) && !entry.endsWith(' ahead'));
  }
}
