import type { Question } from '../probe/ask.js';
import { askMonitor, askServer, parseMonitor, parseServer, type ZooKeeperState } from '../zookeeper/server-state.js';
import { ill, serviceParts, silent, well, type Heard } from './service-row.js';
import type { Health, Member, ZooKeeperDetails, ZooKeeperRow } from './types.js';
import { counted } from './words.js';

const serverKey = 'zookeeper srvr';
const monitorKey = 'zookeeper mntr';

export function askZooKeeper({ endpoint }: Member): readonly Question[] {
  return [askServer(serverKey, endpoint), askMonitor(monitorKey, endpoint)];
}

/** A server's row. What only the leader knows of the others comes from `mntr`, where it is allowed. */
export function zookeeperRow(member: Member, heard: Heard): ZooKeeperRow {
  const state = parseServer(heard.answers.get(serverKey));
  const monitor = parseMonitor(heard.answers.get(monitorKey));
  const details = detailsOf(state, monitor);
  const parts = serviceParts(member, {
    heard,
    health: healthOf(member, { heard, state, details }),
    version: state.kind === 'serving' ? state.version : undefined,
  });
  return { component: 'zookeeper', ...parts, ...(details === undefined ? {} : { role: details.mode, details }) };
}

function detailsOf(state: ZooKeeperState, monitor: ReadonlyMap<string, number>): ZooKeeperDetails | undefined {
  switch (state.kind) {
    case 'silent':
      return undefined;
    case 'not-serving':
      return { mode: 'electing' };
    case 'serving': {
      const { mode, zxid, connections, znodes } = state;
      // The count of followers is called zk_learners from 3.6 on, and counts observers too.
      const followers = monitor.get('zk_followers') ?? monitor.get('zk_learners');
      const synced = monitor.get('zk_synced_followers');
      const pending = monitor.get('zk_pending_syncs');
      return {
        mode,
        ...(zxid === undefined ? {} : { zxid }),
        ...(zxid === undefined || !/^0x[0-9a-f]+$/i.test(zxid) ? {} : { epoch: Number(BigInt(zxid) >> 32n) }),
        ...(connections === undefined ? {} : { connections }),
        ...(znodes === undefined ? {} : { znodes }),
        ...(mode !== 'leader' || followers === undefined ? {} : { followers }),
        ...(mode !== 'leader' || synced === undefined ? {} : { syncedFollowers: synced }),
        ...(mode !== 'leader' || pending === undefined ? {} : { pendingSyncs: pending }),
      };
    }
  }
}

function healthOf(
  member: Member,
  options: { readonly heard: Heard; readonly state: ZooKeeperState; readonly details: ZooKeeperDetails | undefined },
): Health {
  const { heard, state, details } = options;
  if (state.kind === 'silent') return silent(member, { heard, reason: state.reason });
  if (state.kind === 'not-serving') return ill('it runs but does not serve: it has no quorum or is electing');
  const { followers, syncedFollowers, pendingSyncs } = details ?? {};
  if (syncedFollowers === undefined) return well('serves');
  const inSync =
    followers === undefined || followers === syncedFollowers
      ? `${counted(syncedFollowers, 'follower')} in sync`
      : `${syncedFollowers} of ${followers} followers in sync`;
  return well((pendingSyncs ?? 0) > 0 ? `${inSync}, ${pendingSyncs} syncing` : inSync);
}
