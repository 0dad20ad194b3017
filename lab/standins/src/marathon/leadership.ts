import { randomUUID } from 'node:crypto';
import { followLeader, sequenceOf, type Member } from '../shared/election.js';
import { reason } from '../shared/exit.js';
import type { Log } from '../shared/log.js';
import { atLeast, within } from '../shared/version.js';
import type { ZooKeeper } from '../shared/zookeeper.js';

export interface Candidate {
  /** Gives the leadership (or the place in the queue) back. */
  readonly withdraw: () => Promise<void>;
  readonly stop: () => void;
}

function lexically(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * Stands for leader under `<zk path>`: `leader/member_<seq>` up to 1.1, a Curator latch under `leader-curator` from 1.2. The two libraries do
 * not see one another; 1.2 to 1.4 leave a tombstone in `leader` that sorts before every old member, so that no old instance started later wins.
 */
export async function standForLeader(options: {
  zookeeper: ZooKeeper;
  path: string;
  version: string;
  /** `host:port` as other instances reach this one. */
  address: string;
  onChange: (state: { readonly leads: boolean; readonly leader: string | undefined }) => void;
  log: Log;
}): Promise<Candidate> {
  const { zookeeper, address, version } = options;
  const curator = atLeast(version, '1.2.0');
  const folder = `${options.path}/${curator ? 'leader-curator' : 'leader'}`;
  const own = await zookeeper.create(
    curator ? `${folder}/_c_${randomUUID()}-latch-` : `${folder}/member_`,
    address,
    'ephemeral-sequential',
  );

  const bury = async (): Promise<void> => {
    const old = `${options.path}/leader`;
    await zookeeper.children(old);
    await zookeeper.remove(`${old}/member_-00000000`);
    await zookeeper.create(`${old}/member_-00000000`, address, 'ephemeral');
    if ((await zookeeper.read(`${old}/member_-1`)) === undefined)
      await zookeeper.create(`${old}/member_-1`, 'tombstone', 'persistent');
  };
  const onLeader = (member: Member | undefined): void => {
    const leads = member !== undefined && own === `${folder}/${member.node}`;
    if (leads && within(version, '1.2.0', '1.5.0'))
      bury().catch((error: unknown) => options.log(`tombstone: ${reason(error)}`));
    options.onChange({ leads, leader: member?.data.toString() });
  };
  const follower = followLeader({
    zookeeper,
    path: folder,
    accept: curator ? (node) => /-latch-\d+$/.test(node) : (node) => node.startsWith('member_'),
    order: curator ? (left, right) => sequenceOf(left) - sequenceOf(right) : lexically,
    onLeader,
    log: options.log,
  });
  return {
    withdraw: async () => {
      follower.stop();
      await zookeeper.remove(own);
    },
    stop: () => follower.stop(),
  };
}
