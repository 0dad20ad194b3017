import type { MasterRow, Member, Verdict } from '../types.js';
import { listedWith } from '../words.js';
import { hostsNotAsked, membersFor, rowsFor, type ClusterView } from './view.js';

const subject = 'Mesos agents';

/** Every agent the inventory wants is active in the elected master's list. */
export function agentsVerdict(view: ClusterView): Verdict | undefined {
  const members = membersFor(view, 'mesos-slave');
  if (members.length === 0) return undefined;
  const elected = rowsFor(view, 'mesos-master').find(({ details }) => details?.elected === true);
  if (elected === undefined)
    return { subject, state: 'unknown', sentence: 'no elected master was heard, which lists them' };
  const missing = members.filter((member) => !isActive(member, elected)).map(({ host }) => host);
  const count = `${members.length - missing.length} of ${members.length} are active`;
  if (missing.length === 0) return { subject, state: 'ok', sentence: `${count}, as ${elected.host} lists them` };
  const notAsked = hostsNotAsked(view, 'mesos-slave');
  const state = missing.every((host) => notAsked.includes(host)) ? 'unknown' : 'bad';
  return { subject, state, sentence: `${count}: ${listedWith(missing, { one: 'is', several: 'are' })} not` };
}

function isActive(member: Member, elected: MasterRow): boolean {
  return elected.details?.agents.some(({ endpoint, active }) => active && endpoint === member.endpoint) === true;
}
