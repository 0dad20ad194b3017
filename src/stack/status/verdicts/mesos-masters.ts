import type { Verdict } from '../types.js';
import { listed } from '../words.js';
import { hostsNotAsked, membersFor, rowsFor, type ClusterView } from './view.js';

const subject = 'Mesos masters';

/** Exactly one elected master, and no other named by anyone. */
export function mastersVerdict(view: ClusterView): Verdict | undefined {
  const members = membersFor(view, 'mesos-master');
  if (members.length === 0) return undefined;
  const rows = rowsFor(view, 'mesos-master');
  const elected = rows.filter(({ details }) => details?.elected === true);
  const notAsked = hostsNotAsked(view, 'mesos-master');
  const [first] = elected;
  if (elected.length > 1)
    return { subject, state: 'bad', sentence: `${listed(elected.map(({ host }) => host))} are both elected` };
  if (first === undefined) {
    return notAsked.length === 0
      ? { subject, state: 'bad', sentence: 'no master is elected' }
      : {
          subject,
          state: 'unknown',
          sentence: `no master that was asked is elected; ${listed(notAsked)} was not asked`,
        };
  }
  const others = rows.filter(({ details }) => details?.leader !== undefined && details.leader !== first.endpoint);
  if (others.length > 0)
    return {
      subject,
      state: 'bad',
      sentence: `${first.host} is elected, but ${listed(others.map(({ host }) => host))} name another`,
    };
  const running = rows.filter(({ details }) => details !== undefined).length;
  return { subject, state: 'ok', sentence: `${first.host} is elected; ${running} of ${members.length} answer` };
}
