import { defineModule, params } from '../../modules/support/define.js';
import { text, texts, word } from '../../modules/support/fields.js';
import { askAll, parseAnswers, type Endpoint } from '../probe/ask.js';
import { judge } from '../probe/judge.js';
import { askInstance, parseInstance, type InstanceState } from './instance-state.js';

type States = ReadonlyMap<Endpoint, InstanceState>;

/** Proves that Marathon has a leader. */
export const marathonLeader = defineModule({
  name: 'marathon_leader',
  summary: 'Proves that Marathon answers and has a leader; changes nothing.',
  params: params({
    members: texts('All instances as host:port.'),
    instance: word('The one this host runs; it must answer. Without it, any that answers is enough.').optional(),
    container: text('The container it runs in: in a preview that would bring it, the answer is unknown.').optional(),
  }),
  look: ({ params }) => ({
    kind: 'script',
    script: askAll(params.members.flatMap(askInstance)),
    parse(reply): States {
      const answers = parseAnswers(reply);
      return new Map(params.members.map((member) => [member, parseInstance(member, answers)]));
    },
  }),
  compare: (found, { params, preview, promised }) =>
    judge({
      problem: leaderProblem(found, params.instance),
      values: { leader: leadersOf(found)[0] ?? null },
      container: params.container,
      preview,
      promised,
    }),
  change: () => Promise.resolve({ changed: false }),
});

/** Why Marathon is not as it should be; undefined when it is. */
export function leaderProblem(states: States, instance: Endpoint | undefined): string | undefined {
  const own = instance === undefined ? undefined : states.get(instance);
  if (own?.kind === 'silent') return `${instance}: ${own.reason}`;
  if (own !== undefined && own.leader === undefined) return `${instance} knows no leader yet`;
  const leaders = leadersOf(states);
  if (leaders.length === 0) return 'Marathon has no leader';
  return leaders.length === 1 ? undefined : `the instances name several leaders: ${leaders.join(', ')}`;
}

/** Every leader that any instance names. */
export function leadersOf(states: States): readonly string[] {
  return [
    ...new Set(
      [...states.values()].flatMap((state) =>
        state.kind === 'running' && state.leader !== undefined ? [state.leader] : [],
      ),
    ),
  ];
}
