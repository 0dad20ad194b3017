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
  const ensemble: Ensemble = { size, followers: hostsWith('follower'), notAsked: hostsNotAsked(view, 'zookeeper') };
  return leader === undefined ? withoutLeader(ensemble) : ledBy(leader, ensemble);
}

interface Ensemble {
  readonly size: number;
  readonly followers: readonly string[];
  readonly notAsked: readonly string[];
}

function ledBy(leader: ZooKeeperRow, { size, followers, notAsked }: Ensemble): Verdict {
  const { host, details } = leader;
  const synced = details?.syncedFollowers;
  if (synced === undefined && notAsked.length > 0) {
    // It would not lead without a quorum; how many there are beyond it is not told.
    return { subject, state: 'ok', sentence: `${host} leads with a quorum; ${notAskedText(notAsked)}` };
  }
  // The leader knows also those that we could not ask.
  const serving = 1 + Math.max(synced ?? 0, followers.length);
  const quorum = quorumOf(size);
  const margin = serving - quorum;
  const spare = margin <= 0 ? 'no more may fail' : `${margin} more may fail`;
  const sentence = `${host} leads; ${serving} of ${size} serve, ${quorum} are needed: ${spare}`;
  return { subject, state: serving < quorum ? 'bad' : 'ok', sentence };
}

function withoutLeader({ size, followers, notAsked }: Ensemble): Verdict {
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
