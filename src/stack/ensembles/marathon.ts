import type { Ensemble, EnsembleContext, EnsembleKind } from '../../rollout/types.js';
import { joinShell, sh, type ShellText } from '../../shell/text.js';
import { askAll, splitEndpoint, type Endpoint, type Question } from '../probe/ask.js';
import { httpGet } from '../probe/http.js';
import { askMarathon, marathonRow } from '../status/marathon.js';
import type { Member } from '../status/types.js';
import { versionOf } from '../version.js';
import { comingVersion } from './coming-version.js';
import { forgetStep, keepStep, rollBackStep, type KeptThings } from './kept-container.js';
import { marathonFactsOf, mesosKey, observeMarathon, subscriptionsKey } from './marathon-observe.js';
import { marathonNext } from './marathon-order.js';
import { marathonRefusals } from './marathon-refusals.js';
import { wordOf } from './member-variables.js';
import { serviceLook, serviceMembers, sightings, type ServiceMember } from './service-members.js';

/** Marathon with its leader: a restart takes the leader last, another version has a procedure of its own. */
export const marathonKind: EnsembleKind = {
  name: 'marathon',
  summary:
    'Marathon: for a restart the standbys first and the leader last; for another version one new instance beside the old leader, which hands over to it. Framework id, apps and running tasks are as before after each step.',
  settings: {},
  open: openMarathon,
};

function openMarathon(context: EnsembleContext): Ensemble {
  const services = serviceMembers(context, 'marathon');
  const neighbours = serviceMembers(context, 'mesos-master');
  const masters = neighbours.map(({ member }) => member.endpoint);
  const targets = new Map(
    services.flatMap(({ member, variables }) => {
      const version = versionOf(wordOf(variables, 'marathon_version'));
      return version === undefined ? [] : [[member.host, version] as const];
    }),
  );
  const serviceOf = (host: string): ServiceMember => {
    const service = services.find(({ member }) => member.host === host);
    if (service === undefined) throw new RangeError(`${host} has no Marathon`);
    return service;
  };
  const things = (host: string): KeptThings => ({ container: serviceOf(host).member.container, files: [] });
  const endpoints = services.map(({ member }) => member.endpoint);
  const size = { title: 'Marathon', members: services.map(({ member }) => member.host), quorum: 1 };
  return {
    ...size,
    // A new leader waits up to three minutes for its state (on_elected_prepare_timeout).
    timing: { inARow: 2, intervalSeconds: 1, deadlineSeconds: 240 },
    look: (host) => {
      const service = serviceOf(host);
      const master = masters[services.indexOf(service) % Math.max(1, masters.length)];
      return serviceLook(service.member, questionsOf(service.member, master));
    },
    observe: (replies, before) => observeMarathon(sightings({ services, replies, rowOf: marathonRow }), before),
    refusals: (observation, pending) => {
      const facts = marathonFactsOf(observation);
      const running = facts?.mesosVersion ?? undefined;
      const mesos = comingVersion({ running, neighbours, variable: 'mesos_version' });
      return marathonRefusals({ services, observation, facts, mesos, pending });
    },
    next: (progress) => marathonNext(size, { progress, targets }),
    stop: (host) => sh`(${keepStep(things(host))}) && docker stop --time 30 ${things(host).container} >/dev/null`,
    keep: (host) => keepStep(things(host)),
    rollBack: (host) =>
      joinShell([neverBack({ ...things(host), endpoints, target: targets.get(host) }), rollBackStep(things(host))]),
    forget: (host) => forgetStep(things(host)),
  };
}

function questionsOf(member: Member, master: Endpoint | undefined): readonly Question[] {
  return [
    ...askMarathon(member),
    httpGet(subscriptionsKey, { endpoint: member.endpoint, path: '/v2/eventSubscriptions' }),
    ...(master === undefined ? [] : [httpGet(mesosKey, { endpoint: master, path: '/version' })]),
  ];
}

/** Ends a roll-back that would bring an old version back beside a leader of the new one: it could lead a state it cannot read. */
function neverBack(options: {
  readonly container: string;
  readonly endpoints: readonly Endpoint[];
  readonly target: string | undefined;
}): ShellText {
  const { container, endpoints, target } = options;
  if (target === undefined) return sh``;
  const filter = `name=^/?${container}([.]old-.*)?$`;
  const pattern = `"version" *: *"${target.replaceAll('.', '[.]')}"`;
  const questions = endpoints.map((endpoint) => {
    const { host, port } = splitEndpoint(endpoint);
    const { request } = httpGet('', { endpoint, path: '/v2/info' });
    return sh`[ -n "$led" ] || ! printf %s ${request} | tcp_ask ${host} ${port} | grep -Eq ${pattern} || led=yes`;
  });
  return joinShell([
    askAll([]),
    sh`if docker ps --all --filter ${filter} --format '{{.Image}}' | grep -Evq ${`:v?${target.replaceAll('.', '[.]')}$`}; then
led=`,
    ...questions,
    sh`if [ -n "$led" ]; then
  echo ${`Marathon ${target} leads and has migrated the state: the old version must not lead again. To go back, stop all instances and restore the backup that was taken before`} >&2
  exit 1
fi
fi`,
  ]);
}
