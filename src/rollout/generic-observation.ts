import type { MemberReply, MemberState, Observation, Unmet } from './types.js';

interface Probed {
  readonly code: number;
  readonly said: string;
}

/** What the probes of a generic ensemble mean: who is healthy, who leads, and that exactly one does where that is asked. */
export function genericObservation(request: {
  readonly members: readonly string[];
  readonly replies: ReadonlyMap<string, MemberReply>;
  readonly asksLeader: boolean;
}): Observation {
  const { members, replies, asksLeader } = request;
  const probed = members.map((host) => ({ host, reply: replies.get(host) }));
  const anyHealthy = probed.some(({ reply }) => probesOf(reply).get('healthy')?.code === 0);
  const states = probed.map(({ host, reply }) => stateOf(host, { reply, anyHealthy }));
  const leaders = states.filter(({ leads }) => leads).map(({ host }) => host);
  const [leader] = leaders;
  return {
    members: states,
    unmet: [
      ...states.flatMap(({ host, healthy, said }) => (healthy ? [] : [{ host, condition: 'it is healthy', said }])),
      ...(asksLeader && leaders.length !== 1 ? [oneLeader(leaders)] : []),
    ],
    ...(leader === undefined || leaders.length > 1 ? {} : { leader }),
  };
}

function stateOf(
  host: string,
  asked: { readonly reply: MemberReply | undefined; readonly anyHealthy: boolean },
): MemberState {
  const { reply, anyHealthy } = asked;
  if (reply?.kind !== 'reply') {
    const said = reply?.reason ?? 'it was not asked';
    return { host, present: true, healthy: false, leads: false, said };
  }
  const probes = probesOf(reply);
  const healthy = probes.get('healthy');
  const isHealthy = healthy?.code === 0;
  const present = probes.get('present');
  const identity = probes.get('identity');
  return {
    host,
    present: present === undefined ? anyHealthy : present.code === 0 || isHealthy,
    healthy: isHealthy,
    leads: isHealthy && probes.get('leader')?.code === 0,
    said: saidOf(healthy),
    ...(identity?.code === 0 ? { identity: identity.said } : {}),
  };
}

function saidOf(probed: Probed | undefined): string {
  if (probed === undefined) return 'its answer makes no sense';
  if (probed.said !== '') return probed.said;
  return probed.code === 0 ? 'it is healthy' : `its probe ended with exit code ${probed.code}`;
}

function probesOf(reply: MemberReply | undefined): ReadonlyMap<string, Probed> {
  if (reply?.kind !== 'reply') return new Map();
  return new Map(
    reply.reply.stdout
      .toString('utf8')
      .split('\n')
      .flatMap((line): readonly (readonly [string, Probed])[] => {
        const [name, code, said] = line.split('\t');
        return name === undefined || code === undefined || said === undefined
          ? []
          : [[name, { code: Number(code), said: said.trim() }]];
      }),
  );
}

function oneLeader(leaders: readonly string[]): Unmet {
  const said = leaders.length === 0 ? 'none does' : `${leaders.join(' and ')} do`;
  return { condition: 'exactly one member leads', said };
}
