import { z } from 'zod';
import { type AnyModule, type ModuleDefinition, ModuleFailure } from '../../../../src/modules/types.js';
import { joinShell, sh } from '../../../../src/shell/text.js';
import type { Answer, Asked } from './fake-session.js';

const shape = z.strictObject({
  start: z.string().optional(),
  stop: z.string().optional(),
  after: z.number().default(5),
  fails: z.boolean().default(false),
});

type Params = z.output<typeof shape>;

/** Starts and stops things that have yet to prove that they last. */
export const lastingModule = {
  name: 'thing',
  summary: 'Starts or stops a thing.',
  params: shape,
  look: () => ({ kind: 'nothing', found: undefined }),
  compare: () => ({ kind: 'change', changes: [{ part: 'state' }] }),
  unsettles: ({ params }) => params.start ?? params.stop,
  change: async (host, { params }) => {
    const { start, stop, after, fails } = params;
    await host.run(start === undefined ? sh`stop ${stop ?? ''}` : sh`start ${start}`);
    if (fails) throw new ModuleFailure('it does not start');
    return start === undefined ? {} : { confirmation: { subject: start, after, memory: { start } } };
  },
  confirm: (left) => ({
    kind: 'script',
    script: joinShell([sh`again`, ...left.map(({ memory }) => sh`${memory['start'] ?? ''}`)], ' '),
    parse: ({ code, stdout }) => {
      if (code !== 0) throw new ModuleFailure('nobody knows');
      const words = stdout.toString('utf8').split(' ').filter(Boolean);
      return new Map(words.map((name) => [name, `${name} is dead`]));
    },
  }),
} satisfies ModuleDefinition<Params, undefined, undefined> as unknown as AnyModule;

/** Pretended hosts on which some things die soon after their start: what each was asked, by whom, in order. */
export class LastingHosts {
  readonly log: string[] = [];
  /** `host thing` of what does not last. */
  readonly dead: Set<string>;
  /** What becomes of a look at the end of a play, in place of an answer. */
  onAgain: (asked: Asked) => Answer | Promise<Answer> = () => undefined;

  constructor(...dead: readonly string[]) {
    this.dead = new Set(dead);
  }

  readonly answer = async (asked: Asked): Promise<Answer> => {
    const { host, request } = asked;
    const text = asked.text.replaceAll("'", '');
    const [verb = '', ...things] = text.split(' ');
    if (!['start', 'stop', 'again'].includes(verb)) return undefined;
    const user = request.become?.user === undefined ? '' : ` as ${request.become.user}`;
    this.log.push(`${host} ${text}${user}`);
    if (verb !== 'again') return undefined;
    const instead = await this.onAgain(asked);
    return instead ?? { stdout: things.filter((thing) => this.dead.has(`${host} ${thing}`)).join(' ') };
  };
}
