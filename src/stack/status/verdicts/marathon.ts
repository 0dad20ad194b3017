import type { Verdict } from '../types.js';
import { listed, notAskedText } from '../words.js';
import { hostsNotAsked, membersFor, rowsFor, type ClusterView } from './view.js';

const subject = 'Marathon';

/** One leader that every instance names, and that says so itself. */
export function marathonVerdict(view: ClusterView): Verdict | undefined {
  const members = membersFor(view, 'marathon');
  if (members.length === 0) return undefined;
  const rows = rowsFor(view, 'marathon');
  const answering = rows.filter(({ details }) => details !== undefined);
  const named = [...new Set(answering.flatMap(({ details }) => details?.leader ?? []))];
  const [leader] = named;
  const hostAt = (endpoint: string): string => members.find((member) => member.endpoint === endpoint)?.host ?? endpoint;
  if (named.length > 1)
    return { subject, state: 'bad', sentence: `the instances name several leaders: ${listed(named.map(hostAt))}` };
  if (leader === undefined) return withoutLeader(view);
  // It may announce another name than the inventory's address.
  const itself = rows.find(({ role }) => role === 'leader');
  const meant = rows.find(({ endpoint }) => endpoint === leader);
  if (itself === undefined && meant !== undefined) {
    return { subject, state: 'bad', sentence: `${meant.host} is named as the leader, but does not lead` };
  }
  if (itself === undefined && hostsNotAsked(view, 'marathon').length === 0)
    return { subject, state: 'bad', sentence: `${leader} leads, which is no instance of the inventory` };
  const name = itself?.host ?? hostAt(leader);
  return { subject, state: 'ok', sentence: `${name} leads, as ${answering.length} of ${members.length} say` };
}

function withoutLeader(view: ClusterView): Verdict {
  const notAsked = hostsNotAsked(view, 'marathon');
  const answering = rowsFor(view, 'marathon').filter(({ details }) => details !== undefined);
  if (notAsked.length > 0 && answering.length === 0) {
    return { subject, state: 'unknown', sentence: `no instance was heard; ${notAskedText(notAsked)}` };
  }
  return { subject, state: 'bad', sentence: 'no instance names a leader' };
}
