import { defineModule, params } from '../../modules/support/define.js';
import { text, texts, word } from '../../modules/support/fields.js';
import { askAll, parseAnswers, type Endpoint } from '../probe/ask.js';
import { judge } from '../probe/judge.js';
import { sameVersion } from '../version.js';
import { askMaster, parseMaster, type MasterState } from './master-state.js';

type States = ReadonlyMap<Endpoint, MasterState>;

/** Proves that masters work, as the host of one of them sees it. */
export const mesosMasters = defineModule({
  name: 'mesos_masters',
  summary:
    'Proves that a Mesos master runs, that exactly one of all is elected and that its log has recovered; changes nothing.',
  params: params({
    masters: texts('All masters as host:port.'),
    master: word('The one this host runs.'),
    version: text('The version it must have.').optional(),
    container: text('The container it runs in: in a preview that would bring it, the answer is unknown.').optional(),
  }),
  look: ({ params }) => ({
    kind: 'script',
    script: askAll(params.masters.flatMap(askMaster)),
    parse(reply): States {
      const answers = parseAnswers(reply);
      return new Map(params.masters.map((master) => [master, parseMaster(master, answers)]));
    },
  }),
  compare: (found, { params, preview, promised }) =>
    judge({
      problem: mastersProblem(found, params),
      values: { elected: electedMaster(found) ?? null },
      container: params.container,
      preview,
      promised,
    }),
  change: () => Promise.resolve({ changed: false }),
});

/** Why the masters are not as they should be; undefined when they are. */
export function mastersProblem(
  states: States,
  wanted: { readonly master: Endpoint; readonly version?: string | undefined },
): string | undefined {
  const own = states.get(wanted.master);
  if (own === undefined) return `${wanted.master} is not among the masters`;
  if (own.kind === 'silent') return `${wanted.master}: ${own.reason}`;
  if (!sameVersion(own.version, wanted.version))
    return `${wanted.master} runs version ${own.version}, not ${wanted.version}`;
  const elected = [...states]
    .filter(([, state]) => state.kind === 'running' && state.elected)
    .map(([master]) => master);
  if (elected.length !== 1)
    return elected.length === 0 ? 'no master is elected' : `${elected.join(' and ')} are both elected`;
  return own.recovered === false ? `${wanted.master} has not recovered its replicated log yet` : undefined;
}

/** The one that says it is elected. */
export function electedMaster(states: States): Endpoint | undefined {
  return [...states].find(([, state]) => state.kind === 'running' && state.elected)?.[0];
}
