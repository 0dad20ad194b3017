import { assertNever } from '../../core/assert.js';
import type { Part } from './components.js';

/** What a hop means to people: what is done, what is kept for the way back, what users notice. */
export interface HopWords {
  readonly what: string;
  readonly backup: string;
  readonly effect: string;
}

interface HopFacts {
  readonly part: Part;
  /** The oldest version that is left. */
  readonly from: string | undefined;
  readonly to: string;
  readonly members: number;
  readonly crossesElection: boolean;
  readonly eventStream: boolean;
}

/** Marathons on the two sides of this version elect their leaders in ways that do not see each other (changelog 1.3). */
export const newElectionFrom = '1.2.0';

export function wordsOf(facts: HopFacts): HopWords {
  const { part, members, eventStream } = facts;
  const isAlone = members === 1;
  switch (part) {
    case 'docker':
      return {
        what: 'one host at a time; every program of the host must be well again before the next',
        backup: 'none',
        effect: 'the programs of one host at a time are away, unless live-restore is on',
      };
    case 'zookeeper':
      return {
        what: isAlone
          ? 'the only server is replaced'
          : 'one at a time, the leader last; each must be in sync before the next',
        backup: 'snapshots, logs and zoo.cfg',
        effect: isAlone ? 'no service while it restarts' : 'one election: 1 to 2 s without service',
      };
    case 'mesos-master':
      return {
        what: isAlone
          ? 'the only master is replaced'
          : 'standbys first, the elected one last; each must have its log before the next',
        backup: 'none: the log lives on every master',
        effect: 'one fail-over: no offers for some seconds; tasks run on',
      };
    case 'mesos-slave':
      return {
        what: 'one at a time, in place; each must come back under its own id with its tasks',
        backup: 'none',
        effect: 'tasks run on; each agent is away for seconds',
      };
    case 'marathon':
      return marathonWords(facts);
    case 'bamboo':
      return {
        what: eventStream ? 'one at a time; the event stream of Marathon is switched on' : 'one at a time',
        backup: 'none: routes live in ZooKeeper',
        effect: isAlone ? 'no routes while it restarts' : 'connections through one HAProxy at a time are cut',
      };
    default:
      return assertNever(part);
  }
}

function marathonWords({ from, to, members, crossesElection }: HopFacts): HopWords {
  const isAlone = members === 1;
  const isSamePatch = from !== undefined && from === to;
  const what = crossesElection
    ? 'all old ones stop before the first new one starts: their elections do not see each other'
    : isAlone || isSamePatch
      ? 'the only one is replaced'
      : 'all old ones but the leader stop, a new one starts, the leader hands over; then the rest';
  return {
    what,
    backup: "ZooKeeper's data and the apps as JSON",
    effect: 'no deployments for some seconds while its state is migrated, for which there is no way back; apps run on',
  };
}
