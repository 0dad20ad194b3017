import { defineModule, params } from '../../modules/support/define.js';
import { text, texts, word } from '../../modules/support/fields.js';
import { askAll, parseAnswers, type Endpoint } from '../probe/ask.js';
import { judge } from '../probe/judge.js';
import { sameVersion } from '../version.js';
import { askServer, parseServer, type ZooKeeperState } from './server-state.js';

type States = ReadonlyMap<Endpoint, ZooKeeperState>;

/** Proves that an ensemble serves, as one of its members sees it. */
export const zookeeperEnsemble = defineModule({
  name: 'zookeeper_ensemble',
  summary:
    'Proves that a ZooKeeper server serves, that its ensemble has one leader and that the others follow; changes nothing.',
  params: params({
    members: texts('All members as host:port of their client ports.'),
    member: word('The one this host runs; it must serve.'),
    version: text('The version it must have.').optional(),
    container: text('The container it runs in: in a preview that would bring it, the answer is unknown.').optional(),
  }),
  look: ({ params }) => ({
    kind: 'script',
    script: askAll(params.members.map((member) => askServer(member, member))),
    parse(reply): States {
      const answers = parseAnswers(reply);
      return new Map(params.members.map((member) => [member, parseServer(answers.get(member))]));
    },
  }),
  compare: (found, { params, preview, promised }) =>
    judge({
      problem: ensembleProblem(found, params),
      values: valuesOf(found),
      container: params.container,
      preview,
      promised,
    }),
  change: () => Promise.resolve({ changed: false }),
});

/** Why the ensemble is not as it should be; undefined when it is. Members that do not answer are for their own hosts to prove. */
export function ensembleProblem(
  states: States,
  wanted: { readonly member: Endpoint; readonly version?: string | undefined },
): string | undefined {
  const own = states.get(wanted.member);
  if (own === undefined) return `${wanted.member} is not among the members`;
  if (own.kind === 'silent') return `${wanted.member}: ${own.reason}`;
  if (own.kind === 'not-serving') return `${wanted.member} runs but does not serve: it has no quorum yet`;
  if (!sameVersion(own.version, wanted.version))
    return `${wanted.member} runs version ${own.version}, not ${wanted.version}`;
  const modes = [...states].flatMap(([member, state]) =>
    state.kind === 'serving' ? [{ member, mode: state.mode }] : [],
  );
  if (states.size === 1)
    return own.mode === 'standalone' ? undefined : `${wanted.member} is alone but says it is a ${own.mode}`;
  const leaders = modes.filter(({ mode }) => mode === 'leader').map(({ member }) => member);
  if (leaders.length !== 1) return leaders.length === 0 ? 'no member leads' : `${leaders.join(' and ')} both lead`;
  const alone = modes.find(({ mode }) => mode === 'standalone');
  return alone === undefined ? undefined : `${alone.member} runs alone instead of in the ensemble`;
}

function valuesOf(states: States): {
  readonly leader: string | null;
  readonly serving: readonly string[];
  readonly modes: Readonly<Record<string, string>>;
} {
  const serving = [...states].filter(([, state]) => state.kind === 'serving').map(([member]) => member);
  const leader = [...states].find(([, state]) => state.kind === 'serving' && state.mode === 'leader')?.[0] ?? null;
  const modes = Object.fromEntries(
    [...states].map(([member, state]) => [member, state.kind === 'serving' ? state.mode : state.kind]),
  );
  return { leader, serving, modes };
}
