import { ModuleFailure } from '../../modules/types.js';
import { parseReport } from '../../modules/support/report.js';
import type { EnsembleContext, MemberReply, MemberState, MemberVariables, Unmet } from '../../rollout/types.js';
import { joinShell, type ShellText } from '../../shell/text.js';
import { askAll, parseAnswers, type Endpoint, type Question } from '../probe/ask.js';
import { membersOf } from '../status/members.js';
import type { Heard } from '../status/service-row.js';
import type { Member, Row, ServiceName } from '../status/types.js';
import { askContainer, parseContainer, type ContainerMade } from './container-made.js';
import { tellKept } from './kept-container.js';

/** A program of the stack on one host: what the inventory wants of it. */
export interface ServiceMember {
  readonly member: Member;
  readonly variables: MemberVariables;
}

/** A member as its host described it at one moment. */
export type Sighting<R extends Row> =
  | {
      readonly kind: 'seen';
      readonly service: ServiceMember;
      readonly row: R;
      readonly heard: Heard;
      /** Undefined: there is no container of its name. */
      readonly made: ContainerMade | undefined;
    }
  | { readonly kind: 'unreached'; readonly service: ServiceMember; readonly reason: string };

export type Seen<R extends Row> = Extract<Sighting<R>, { readonly kind: 'seen' }>;

/** Every host's member of one component, in the inventory's order. */
export function serviceMembers(context: EnsembleContext, component: ServiceName): readonly ServiceMember[] {
  return context.hosts.flatMap((variables) =>
    membersOf(variables)
      .filter((member) => member.component === component)
      .map((member) => ({ member, variables })),
  );
}

/** What is asked on a member's host: the program and its neighbours, its container, and what a cut-off step kept of it. */
export function serviceLook(member: Member, questions: readonly Question[]): ShellText {
  return joinShell([askAll(questions), askContainer(member.container), tellKept(member.container)]);
}

/** What the hosts' answers say of the members. `rowOf` reads a member's own row. */
export function sightings<R extends Row>(options: {
  readonly services: readonly ServiceMember[];
  readonly replies: ReadonlyMap<string, MemberReply>;
  readonly rowOf: (member: Member, heard: Heard) => R;
}): readonly Sighting<R>[] {
  const { services, replies, rowOf } = options;
  const hostAt = (endpoint: Endpoint): string =>
    services.find(({ member }) => member.endpoint === endpoint)?.member.host ?? endpoint;
  return services.map((service): Sighting<R> => {
    const answer = replies.get(service.member.host);
    if (answer === undefined) return { kind: 'unreached', service, reason: 'it was not asked' };
    if (answer.kind === 'unreached') return { kind: 'unreached', service, reason: answer.reason };
    try {
      const report = parseReport(answer.reply);
      const { engine, made } = parseContainer(report);
      const heard: Heard = {
        answers: parseAnswers(answer.reply),
        engine,
        records: (key) => report.records(key),
        hostAt,
      };
      return { kind: 'seen', service, row: rowOf(service.member, heard), heard, made };
    } catch (error) {
      if (!(error instanceof ModuleFailure)) throw error;
      return { kind: 'unreached', service, reason: error.message };
    }
  });
}

export function seenOf<R extends Row>(all: readonly Sighting<R>[]): readonly Seen<R>[] {
  return all.filter((sighting) => sighting.kind === 'seen');
}

/** A member's state; `healthy` and `leads` are the kind's to say. */
export function memberState<R extends Row>(
  sighting: Sighting<R>,
  judged: (seen: Seen<R>) => {
    readonly healthy: boolean;
    readonly leads: boolean;
    readonly identity?: string | undefined;
  },
): MemberState {
  const { host } = sighting.service.member;
  if (sighting.kind === 'unreached')
    return { host, present: true, healthy: false, leads: false, said: sighting.reason };
  const { row, heard } = sighting;
  const { healthy, leads, identity } = judged(sighting);
  const version = row.version.running;
  const complaint = healthy ? '' : (heard.records('complaint')[0]?.[0] ?? '').trim();
  return {
    host,
    present: isPresent(sighting),
    healthy,
    leads,
    said: `${leads ? 'leads: ' : ''}${row.health.text}${version === undefined ? '' : `, ${version}`}${complaint === '' ? '' : `; its last words: ${complaint}`}`,
    ...(identity === undefined ? {} : { identity }),
    ...(version === undefined ? {} : { version }),
    ...(heard.records('kept').length > 0 ? { unfinished: true } : {}),
  };
}

/** A member whose engine does not answer may well be there. */
function isPresent<R extends Row>({ row, heard }: Seen<R>): boolean {
  return row.container !== undefined || row.details !== undefined || heard.engine.engine.kind === 'silent';
}

/** What a member that does not work leaves unmet; a member that is only now being made cannot be missed. */
export function unmetMember(state: MemberState, condition: string): readonly Unmet[] {
  return state.healthy || !state.present ? [] : [{ host: state.host, condition, said: state.said }];
}
