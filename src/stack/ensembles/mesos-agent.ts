import { InputError } from '../../core/diagnostic.js';
import type { Ensemble, EnsembleContext, EnsembleKind, MemberVariables } from '../../rollout/types.js';
import type { Endpoint, Question } from '../probe/ask.js';
import { httpGet } from '../probe/http.js';
import { askMesosSlave, mesosSlaveRow } from '../status/mesos-slave.js';
import { isAtLeast, versionOf } from '../version.js';
import { comingVersion } from './coming-version.js';
import { forgetStep, keepStep, rollBackStep, type KeptThings } from './kept-container.js';
import {
  agentFactsOf,
  masterKey,
  masterVersionKey,
  observeAgents,
  oldStateKey,
  stateKey,
} from './mesos-agent-observe.js';
import { agentRefusals } from './mesos-agent-refusals.js';
import { wordOf } from './member-variables.js';
import { serviceLook, serviceMembers, sightings, type ServiceMember } from './service-members.js';

/** Mesos agents upgraded in place: their tasks keep running. */
export const mesosAgentKind: EnsembleKind = {
  name: 'mesos-agent',
  summary:
    'Mesos agents in place: an agent comes back under its own id with its tasks, and the master counts as many active agents as before. `max_unavailable` says how many go at a time.',
  settings: {
    tasks:
      '`as-before` (default): an agent must come back with as many running tasks as it had; `any`: it need not, for frameworks whose tasks come and go.',
  },
  open: openAgents,
};

function openAgents(context: EnsembleContext): Ensemble {
  const services = serviceMembers(context, 'mesos-slave');
  const neighbours = serviceMembers(context, 'mesos-master');
  const masters = neighbours.map(({ member }) => member.endpoint);
  const countTasks = countsTasks(context);
  const serviceOf = (host: string): ServiceMember => {
    const service = services.find(({ member }) => member.host === host);
    if (service === undefined) throw new RangeError(`${host} is no Mesos agent`);
    return service;
  };
  const things = (host: string): KeptThings => ({ container: serviceOf(host).member.container, files: [] });
  return {
    title: 'Mesos agents',
    members: services.map(({ member }) => member.host),
    quorum: 0,
    timing: { inARow: 2, intervalSeconds: 1, deadlineSeconds: 120 },
    look: (host) => {
      const service = serviceOf(host);
      const asked = mastersAskedFrom(services.indexOf(service), { agents: services.length, masters });
      return serviceLook(service.member, questionsOf(service, asked));
    },
    observe: (replies, before) =>
      observeAgents(sightings({ services, replies, rowOf: mesosSlaveRow }), { before, masters, countTasks }),
    refusals: (observation, pending) => {
      const facts = agentFactsOf(observation);
      const running = facts?.masterVersion ?? undefined;
      const master = comingVersion({ running, neighbours, variable: 'mesos_version' });
      return agentRefusals({ services, facts, master, pending });
    },
    keep: (host) => keepStep(things(host)),
    rollBack: (host) => rollBackStep(things(host)),
    forget: (host) => forgetStep(things(host)),
  };
}

function countsTasks({ settings, span }: EnsembleContext): boolean {
  const tasks = settings['tasks'] ?? 'as-before';
  if (tasks === 'as-before' || tasks === 'any') return tasks === 'as-before';
  const message = '`tasks` is `as-before` or `any`';
  throw new InputError([{ severity: 'error', code: 'ensemble-setting', message, span }]);
}

/** The agents share the masters among them, so that hundreds of them are no load: each master is asked from one or a few. */
function mastersAskedFrom(
  index: number,
  { agents, masters }: { readonly agents: number; readonly masters: readonly Endpoint[] },
): readonly Endpoint[] {
  if (agents === 0) return [];
  return masters.filter((_master, each) =>
    agents < masters.length ? each % agents === index : index % masters.length === each,
  );
}

function questionsOf({ member, variables }: ServiceMember, masters: readonly Endpoint[]): readonly Question[] {
  return [
    ...askMesosSlave(member),
    httpGet(stateKey, { endpoint: member.endpoint, path: '/state' }),
    ...(knowsState(variables) ? [] : [httpGet(oldStateKey, { endpoint: member.endpoint, path: '/state.json' })]),
    ...masters.flatMap((endpoint) => [
      httpGet(masterKey(endpoint), { endpoint, path: '/metrics/snapshot' }),
      httpGet(masterVersionKey(endpoint), { endpoint, path: '/version' }),
    ]),
  ];
}

/** `/state` came with 0.25; older agents know `/state.json`. */
function knowsState(variables: MemberVariables): boolean {
  const version = versionOf(wordOf(variables, 'mesos_version'));
  return version === undefined || isAtLeast(version, '1.0.0');
}
