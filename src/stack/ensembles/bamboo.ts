import type { Ensemble, EnsembleContext, EnsembleKind } from '../../rollout/types.js';
import { joinShell } from '../../shell/text.js';
import type { Endpoint, Question } from '../probe/ask.js';
import { httpGet } from '../probe/http.js';
import { askBambooMember, askHaproxy, bambooRow } from '../status/bamboo.js';
import { appsKey, bambooFactsOf, infoKey, observeBamboo, statusKey } from './bamboo-observe.js';
import { bambooRefusals } from './bamboo-refusals.js';
import { comingVersion } from './coming-version.js';
import { forgetStep, keepStep, rollBackStep, type KeptThings } from './kept-container.js';
import { wordOf } from './member-variables.js';
import { serviceLook, serviceMembers, sightings, type ServiceMember } from './service-members.js';

/** Bamboo with its HAProxy: all serve alike, so they go one by one. */
export const bambooKind: EnsembleKind = {
  name: 'bamboo',
  summary:
    "Bamboo with its HAProxy, one by one: a host lists Marathon's apps, its HAProxy's configuration is valid and has a server for every route it had, before the next is touched.",
  settings: {},
  open: openBamboo,
};

function openBamboo(context: EnsembleContext): Ensemble {
  const services = serviceMembers(context, 'bamboo');
  const neighbours = serviceMembers(context, 'marathon');
  const marathons = neighbours.map(({ member }) => member.endpoint);
  const serviceOf = (host: string): ServiceMember => {
    const service = services.find(({ member }) => member.host === host);
    if (service === undefined) throw new RangeError(`${host} has no Bamboo`);
    return service;
  };
  return {
    title: 'Bamboo',
    members: services.map(({ member }) => member.host),
    quorum: Math.max(0, services.length - 1),
    timing: { inARow: 3, intervalSeconds: 1, deadlineSeconds: 90 },
    look: (host) => {
      const service = serviceOf(host);
      const questions = questionsOf(service, { index: services.indexOf(service), marathons });
      return joinShell([serviceLook(service.member, questions), askHaproxy(service.member)]);
    },
    observe: (replies, before) =>
      observeBamboo(sightings({ services, replies, rowOf: bambooRow }), { before, marathons }),
    refusals: (observation, pending) => {
      const running = bambooFactsOf(observation)?.marathonVersion ?? undefined;
      const marathon = comingVersion({ running, neighbours, variable: 'marathon_version' });
      return bambooRefusals({ services, observation, marathon, pending });
    },
    keep: (host) => keepStep(thingsOf(serviceOf(host))),
    rollBack: (host) => rollBackStep(thingsOf(serviceOf(host))),
    forget: (host) => forgetStep(thingsOf(serviceOf(host))),
  };
}

function thingsOf({ member, variables }: ServiceMember): KeptThings {
  const directory = wordOf(variables, 'bamboo_directory') ?? '/data/bamboo';
  return {
    container: member.container,
    files: [`${directory}/config/production.json`, `${directory}/config/haproxy_template.cfg`],
  };
}

/** Two instances of Marathon are asked, in case one is away; any of them tells the leader's word. */
function questionsOf(
  { member }: ServiceMember,
  { index, marathons }: { readonly index: number; readonly marathons: readonly Endpoint[] },
): readonly Question[] {
  const asked = [...marathons.slice(index % Math.max(1, marathons.length)), ...marathons].slice(0, 2);
  return [
    ...askBambooMember(member),
    httpGet(statusKey, { endpoint: member.endpoint, path: '/status' }),
    ...[...new Set(asked)].flatMap((endpoint) => [
      httpGet(appsKey(endpoint), { endpoint, path: '/v2/apps' }),
      httpGet(infoKey(endpoint), { endpoint, path: '/v2/info' }),
    ]),
  ];
}
