import { type Answer, askAll, parseAnswers, type Question } from '../../stack/probe/ask.js';
import type { Member } from '../../stack/status/types.js';
import type { OpenCluster } from '../open-cluster.js';

/** What a member's own host heard from it, or why its host could not be asked. */
export type MemberAnswer =
  | { readonly kind: 'heard'; readonly member: Member; readonly answers: ReadonlyMap<string, Answer> }
  | { readonly kind: 'unreached'; readonly member: Member; readonly reason: string };

/** Asks every member on its own host, all at the same time. */
export function askMembers(request: {
  readonly cluster: OpenCluster;
  readonly members: readonly Member[];
  readonly questions: (member: Member) => readonly Question[];
}): Promise<readonly MemberAnswer[]> {
  const { cluster, members, questions } = request;
  return Promise.all(
    members.map(async (member): Promise<MemberAnswer> => {
      try {
        const reply = await cluster.run(member.host, askAll(questions(member)));
        return { kind: 'heard', member, answers: parseAnswers(reply) };
      } catch (error) {
        const reason = cluster.troubleOf(error);
        if (reason === undefined) throw error;
        return { kind: 'unreached', member, reason };
      }
    }),
  );
}
