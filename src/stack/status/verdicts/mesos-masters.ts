import type { Verdict } from '../types.js';
import { listed, listedWith, notAskedText } from '../words.js';
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
          sentence: `no master that was asked is elected; ${notAskedText(notAsked)}`,
        };
  }
  // By the name it has for itself: it may announce another than the inventory's address.
  const others = rows.filter(
    ({ details }) => details?.leader !== undefined && details.leader !== first.details?.leader,
  );
  if (others.length > 0) {
    const hosts = listedWith(
      others.map(({ host }) => host),
      { one: 'names', several: 'name' },
    );
    return { subject, state: 'bad', sentence: `${first.host} is elected, but ${hosts} another` };
  }
  const running = rows.filter(({ details }) => details !== undefined).length;
  return { subject, state: 'ok', sentence: `${first.host} is elected; ${running} of ${members.length} answer` };
}
