import type { Verdict, ZooKeeperRow } from '../types.js';
import { listed, listedWith, notAskedText } from '../words.js';
import { hostsNotAsked, membersFor, quorumOf, rowsFor, type ClusterView } from './view.js';

const subject = 'ZooKeeper';

/** Exactly one leader, and a quorum behind it. */
export function zookeeperVerdict(view: ClusterView): Verdict | undefined {
  const size = membersFor(view, 'zookeeper').length;
  if (size === 0) return undefined;
  const rows = rowsFor(view, 'zookeeper');
  const hostsWith = (mode: string): readonly string[] =>
    rows.filter(({ details }) => details?.mode === mode).map(({ host }) => host);
  const bad = (sentence: string): Verdict => ({ subject, state: 'bad', sentence });
  const leaders = hostsWith('leader');
  const alone = hostsWith('standalone');
  if (leaders.length > 1) return bad(`${listed(leaders)} both say they lead`);
  if (size > 1 && alone.length > 0)
    return bad(`${listedWith(alone, { one: 'runs', several: 'run' })} alone instead of in the ensemble`);
  if (size === 1 && alone.length === 1) return { subject, state: 'ok', sentence: `${alone[0]} serves, alone` };
  const leader = rows.find(({ details }) => details?.mode === 'leader');
  return leader === undefined
    ? withoutLeader(view, { size, followers: hostsWith('follower') })
    : ledBy(leader, { size, followers: hostsWith('follower') });
}

interface Ensemble {
  readonly size: number;
  readonly followers: readonly string[];
}

function ledBy(leader: ZooKeeperRow, { size, followers }: Ensemble): Verdict {
  // The leader's own count where it tells one: it knows also those that we could not ask.
  const serving = 1 + Math.max(leader.details?.syncedFollowers ?? 0, followers.length);
  const quorum = quorumOf(size);
  const margin = serving - quorum;
  const spare = margin <= 0 ? 'no more may fail' : `${margin} more may fail`;
  const sentence = `${leader.host} leads; ${serving} of ${size} serve, ${quorum} are needed: ${spare}`;
  return { subject, state: serving < quorum ? 'bad' : 'ok', sentence };
}

function withoutLeader(view: ClusterView, { size, followers }: Ensemble): Verdict {
  const notAsked = hostsNotAsked(view, 'zookeeper');
  if (followers.length > 0 && notAsked.length > 0) {
    return {
      subject,
      state: 'unknown',
      sentence: `${listedWith(followers, { one: 'follows', several: 'follow' })} a leader that was not heard: ${notAskedText(notAsked)}`,
    };
  }
  const quorum = quorumOf(size);
  if (notAsked.length >= quorum) {
    return {
      subject,
      state: 'unknown',
      sentence: `${notAskedText(notAsked)}: whether ${quorum} of ${size} serve is not known`,
    };
  }
  return {
    subject,
    state: 'bad',
    sentence: `no member leads: ${followers.length} of ${size} serve, ${quorum} are needed`,
  };
}
