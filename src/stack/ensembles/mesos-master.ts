import type { Ensemble, EnsembleContext, EnsembleKind, GateTiming } from '../../rollout/types.js';
import type { Endpoint, Question } from '../probe/ask.js';
import { httpGet } from '../probe/http.js';
import { askMesosMaster, mesosMasterRow } from '../status/mesos-master.js';
import type { Member } from '../status/types.js';
import { isAtLeast, versionOf } from '../version.js';
import { forgetStep, keepStep, rollBackStep, type KeptThings } from './kept-container.js';
import { factsOf, observeMasters, registryKey, marathonKey } from './mesos-master-observe.js';
import { masterRefusals } from './mesos-master-refusals.js';
import { wordOf } from './member-variables.js';
import { serviceLook, serviceMembers, sightings, type ServiceMember } from './service-members.js';

/** Mesos masters with their replicated log. */
export const mesosMasterKind: EnsembleKind = {
  name: 'mesos-master',
  summary:
    'Mesos masters: standbys first, the elected one last; before the next is touched a master has recovered its replicated log, one is elected, and agents and frameworks are back.',
  settings: {},
  open: openMasters,
};

function openMasters(context: EnsembleContext): Ensemble {
  const services = serviceMembers(context, 'mesos-master');
  const marathons = serviceMembers(context, 'marathon').map(({ member }) => member.endpoint);
  const serviceOf = (host: string): ServiceMember => {
    const service = services.find(({ member }) => member.host === host);
    if (service === undefined) throw new RangeError(`${host} is no Mesos master`);
    return service;
  };
  const things = (host: string): KeptThings => ({ container: serviceOf(host).member.container, files: [] });
  return {
    title: 'Mesos masters',
    members: services.map(({ member }) => member.host),
    quorum: Math.floor(services.length / 2) + 1,
    timing: timingOf(services),
    look: (host) => {
      const service = serviceOf(host);
      // One Marathon for each master: every instance tells the leader's version.
      const marathon = marathons[services.indexOf(service)];
      return serviceLook(service.member, questionsOf(service.member, marathon));
    },
    observe: (replies, before) => observeMasters(sightings({ services, replies, rowOf: mesosMasterRow }), before),
    refusals: (observation, pending) => masterRefusals({ services, facts: factsOf(observation), pending }),
    keep: (host) => keepStep(things(host)),
    rollBack: (host) => rollBackStep(things(host)),
    forget: (host) => forgetStep(things(host)),
  };
}

/** The registry says what a master must be able to do to read it; Marathon says what its masters must be able to do. */
function questionsOf(member: Member, marathon: Endpoint | undefined): readonly Question[] {
  return [
    ...askMesosMaster(member),
    httpGet(registryKey, { endpoint: member.endpoint, path: '/registrar(1)/registry' }),
    ...(marathon === undefined ? [] : [httpGet(marathonKey, { endpoint: marathon, path: '/v2/info' })]),
  ];
}

/** A master before 1.0 does not say whether its log has recovered: there, all must have been well for 20 seconds. */
function timingOf(services: readonly ServiceMember[]): GateTiming {
  const versions = services.map(({ variables }) => versionOf(wordOf(variables, 'mesos_version')));
  const tells = versions.every((version) => version === undefined || isAtLeast(version, '1.0.0'));
  return tells
    ? { inARow: 2, intervalSeconds: 1, deadlineSeconds: 120 }
    : { inARow: 10, intervalSeconds: 2, deadlineSeconds: 180 };
}
