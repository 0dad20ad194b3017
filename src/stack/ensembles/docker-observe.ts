import { changedIdentities } from '../../rollout/gate.js';
import type { Ensemble, MemberReply, MemberState, Observation, Unmet } from '../../rollout/types.js';
import type { Value, ValueMap } from '../../template/value.js';
import { readDockerReply, type DockerSeen } from './docker-look.js';

/** An ensemble that has members on hosts of Docker engines. */
export interface Part {
  readonly kind: string;
  readonly ensemble: Ensemble;
}

type Read = { readonly seen: DockerSeen } | { readonly reason: string };

/** The engines' own state, and that of everything that lives on their hosts. */
export function observeDocker(
  { members, parts }: { readonly members: readonly string[]; readonly parts: readonly Part[] },
  seen: { readonly replies: ReadonlyMap<string, MemberReply>; readonly before: Observation | undefined },
): Observation {
  const read = new Map(members.map((host): [string, Read] => [host, readDockerReply(seen.replies.get(host))]));
  const observed = parts.map((part): readonly [Part, Observation] => [
    part,
    observePart(part, { read, before: seen.before }),
  ]);
  return {
    members: [...read].map(([host, answer]) => hostState(host, { answer, observed })),
    unmet: [
      ...[...read].flatMap(([host, answer]) => engineUnmet(host, { answer, before: seen.before })),
      ...observed.flatMap(([part, observation]) => partUnmet(part, { observation, before: seen.before })),
    ],
    baseline: {
      containers: Object.fromEntries(
        [...read].flatMap(([host, answer]) => ('seen' in answer ? [[host, answer.seen.containers]] : [])),
      ),
      parts: Object.fromEntries(observed.map(([{ kind }, observation]) => [kind, observation as unknown as Value])),
    },
  };
}

/** What was seen of one of the ensembles: kept whole in the baseline, because only its own kind can read it. */
export function partObservation(observation: Observation | undefined, kind: string): Observation | undefined {
  const parts = observation?.baseline?.['parts'] as ValueMap | undefined;
  return parts?.[kind] as unknown as Observation | undefined;
}

function observePart(
  { kind, ensemble }: Part,
  { read, before }: { readonly read: ReadonlyMap<string, Read>; readonly before: Observation | undefined },
): Observation {
  const replies = ensemble.members.map((host): [string, MemberReply] => {
    const answer = read.get(host);
    if (answer === undefined || 'reason' in answer) {
      return [host, { kind: 'unreached', reason: answer?.reason ?? 'it was not asked' }];
    }
    return [host, answer.seen.parts.get(kind) ?? { kind: 'unreached', reason: 'it was not asked' }];
  });
  return ensemble.observe(new Map(replies), partObservation(before, kind));
}

/** An ensemble of which nothing is there yet asks nothing of the engines. */
function partUnmet(
  { kind, ensemble }: Part,
  { observation, before }: { readonly observation: Observation; readonly before: Observation | undefined },
): readonly Unmet[] {
  const earlier = partObservation(before, kind);
  const there = (earlier ?? observation).members.some(({ present }) => present);
  if (!there) return [];
  const changed = earlier === undefined ? [] : changedIdentities(earlier, observation);
  return [...observation.unmet, ...changed].map((unmet) => ({
    ...unmet,
    condition: `${ensemble.title}: ${unmet.condition}`,
  }));
}

function hostState(
  host: string,
  { answer, observed }: { readonly answer: Read; readonly observed: readonly (readonly [Part, Observation])[] },
): MemberState {
  if ('reason' in answer) {
    return { host, present: true, healthy: false, leads: false, said: `could not be asked: ${answer.reason}` };
  }
  const { engine, unfinished } = answer.seen;
  const led = observed.flatMap(([{ ensemble }, { members }]) =>
    members.some((member) => member.host === host && member.leads) ? [ensemble.title] : [],
  );
  const leading = led.length === 0 ? '' : `, leads ${led.join(' and ')}`;
  return {
    host,
    present: engine.kind !== 'absent',
    healthy: engine.kind === 'running',
    leads: led.length > 0,
    said:
      engine.kind === 'running'
        ? `runs ${engine.version}${leading}`
        : engine.kind === 'absent'
          ? 'has no Docker engine'
          : `its Docker engine does not answer: ${engine.reason}`,
    ...(engine.kind === 'running' ? { version: engine.version } : {}),
    ...(unfinished ? { unfinished: true } : {}),
  };
}

/** After a step the engine answers, and the containers that ran before run again. */
function engineUnmet(
  host: string,
  { answer, before }: { readonly answer: Read; readonly before: Observation | undefined },
): readonly Unmet[] {
  if ('reason' in answer) return [{ host, condition: 'its Docker engine answers', said: answer.reason }];
  const { engine, containers } = answer.seen;
  if (engine.kind === 'silent') return [{ host, condition: 'its Docker engine answers', said: engine.reason }];
  const known = (before?.baseline?.['containers'] as ValueMap | undefined)?.[host] as readonly string[] | undefined;
  const missing = (known ?? []).filter((name) => !containers.includes(name));
  return missing.length === 0
    ? []
    : [{ host, condition: 'the containers of before run again', said: `not so ${missing.join(', ')}` }];
}
