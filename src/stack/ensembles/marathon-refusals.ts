import type { Observation, Refusal } from '../../rollout/types.js';
import { noCallbacksFrom } from '../compatibility.js';
import { listed } from '../status/words.js';
import { isAtLeast, versionOf } from '../version.js';
import { storePath, type MarathonFacts } from './marathon-observe.js';
import { crossesElection, marathonMesosProblem, marathonPathHint, marathonPathProblem } from './marathon-path.js';
import { wordOf } from './member-variables.js';
import type { ServiceMember } from './service-members.js';

interface Change {
  readonly host: string;
  readonly from: string;
  readonly to: string;
}

/** Why Marathon must not be stepped at all. */
export function marathonRefusals(options: {
  readonly services: readonly ServiceMember[];
  readonly observation: Observation;
  readonly facts: MarathonFacts | undefined;
  /** The masters' version that Marathon will meet. */
  readonly mesos: string | undefined;
  readonly pending: readonly string[];
}): readonly Refusal[] {
  const { services, observation, facts, mesos, pending } = options;
  const changes = services.flatMap(({ member, variables }): readonly Change[] => {
    const from = observation.members.find(({ host }) => host === member.host)?.version;
    const to = versionOf(wordOf(variables, 'marathon_version'));
    const isChange = pending.includes(member.host) && from !== undefined && to !== undefined && from !== to;
    return isChange ? [{ host: member.host, from, to }] : [];
  });
  return [
    ...services.flatMap((service) => (pending.includes(service.member.host) ? movedStore(service, facts) : [])),
    ...unique(changes).flatMap(({ from, to }) => pathRefusals({ from, to, observation })),
    ...leftOut(changes, { observation, pending }),
    ...unique(changes).flatMap(({ from, to }) => companyRefusals({ from, to, facts, mesos })),
  ];
}

/** Another znode is another Marathon, with another framework and without apps. */
function movedStore({ member, variables }: ServiceMember, facts: MarathonFacts | undefined): readonly Refusal[] {
  const from = storePath(facts?.stores[member.host] ?? '');
  const to = storePath(wordOf(variables, 'marathon_zookeeper_url') ?? '');
  if (from === undefined || to === undefined || from === to) return [];
  return [
    {
      host: member.host,
      message: `its state is under ${from} in ZooKeeper, and the playbook would start it under ${to}: a Marathon without apps beside the one that runs`,
      hint: `set \`marathon_zookeeper_path: ${from}\``,
    },
  ];
}

function pathRefusals({
  from,
  to,
  observation,
}: {
  readonly from: string;
  readonly to: string;
  readonly observation: Observation;
}): readonly Refusal[] {
  const problem = marathonPathProblem(from, to);
  if (problem !== undefined) return [{ message: problem, hint: marathonPathHint(from, to) }];
  const running = observation.members.filter(({ healthy }) => healthy).map(({ host }) => host);
  if (!crossesElection(from, to) || running.length === 0 || observation.members.length === 1) return [];
  return [
    {
      message: `Marathon ${from} and ${to} elect by different libraries and do not see each other: with ${listed(running)} running there would be two leaders`,
      hint: 'stop all instances first with `runner stop marathon` (the apps keep running), then run this again with `--bring-up`',
    },
  ];
}

/** The old version must not lead again once the new one has: all instances change in one rollout. */
function leftOut(
  changes: readonly Change[],
  { observation, pending }: { readonly observation: Observation; readonly pending: readonly string[] },
): readonly Refusal[] {
  const [first, ...others] = changes;
  if (first === undefined) return [];
  const other = others.find(({ to }) => to !== first.to);
  if (other !== undefined) {
    const message = `${first.host} would get Marathon ${first.to} and ${other.host} ${other.to}: the instances share one state, which is of one version`;
    return [{ message, hint: 'give all hosts one `marathon_version`' }];
  }
  const left = observation.members
    .filter(({ host, present, version }) => present && version !== first.to && !pending.includes(host))
    .map(({ host }) => host);
  if (left.length === 0) return [];
  return [
    {
      message: `Marathon ${first.to} migrates the state, and ${first.from} must not lead after it: ${listed(left)} would be left behind with ${first.from}`,
      hint: 'take all instances in one rollout, without `--limit`',
    },
  ];
}

function companyRefusals({
  from,
  to,
  facts,
  mesos,
}: {
  readonly from: string;
  readonly to: string;
  readonly facts: MarathonFacts | undefined;
  readonly mesos: string | undefined;
}): readonly Refusal[] {
  const problem = mesos === undefined ? undefined : marathonMesosProblem(to, mesos);
  const refusals: Refusal[] = [];
  if (problem !== undefined) refusals.push({ message: problem, hint: 'upgrade the Mesos masters and agents first' });
  const callbacks = facts?.callbacks ?? [];
  if (callbacks.length > 0 && !isAtLeast(from, noCallbacksFrom) && isAtLeast(to, noCallbacksFrom)) {
    refusals.push({
      message: `Marathon ${to} calls nobody back, and ${listed(callbacks)} ${callbacks.length === 1 ? 'lives' : 'live'} on that: routes would never change again`,
      hint: 'give Bamboo (0.2.20 or later) `bamboo_use_event_stream: true` first and run its play; a callback that nobody needs any more is removed with DELETE /v2/eventSubscriptions?callbackUrl=…',
    });
  }
  return refusals;
}

function unique(changes: readonly Change[]): readonly Change[] {
  return changes.filter(
    ({ from, to }, index) => changes.findIndex((other) => other.from === from && other.to === to) === index,
  );
}
