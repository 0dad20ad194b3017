import { followLeader } from '../../shared/election.js';
import type { Log } from '../../shared/log.js';
import { connect, type ZooKeeper } from '../../shared/zookeeper.js';
import type { ZkUrl } from '../../shared/zk-url.js';
import {
  bySequence,
  canRead,
  contenderPrefix,
  encodeMasterInfo,
  masterInfoJson,
  readMasterInfo,
  type MasterInfo,
} from '../master-info.js';
import { atLeast } from '../../shared/version.js';

export interface Leadership {
  readonly leader: () => MasterInfo | undefined;
  /** `host:port` of the other masters that have a replica. */
  readonly peers: () => Promise<readonly string[]>;
  readonly replicas: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

/** A master that needs no election, for `mesos-master` without `--zk`. */
export function aloneLeading(self: MasterInfo): Leadership {
  return { leader: () => self, peers: async () => [], replicas: async () => 1, stop: async () => undefined };
}

/**
 * Stands for election under `<path>` and puts its replica under `<path>/log_replicas`. `onChange` is told who leads;
 * `onLost` that ZooKeeper is gone, upon which a real master ends itself.
 */
export async function contend(options: {
  zk: ZkUrl;
  self: MasterInfo;
  sessionTimeoutMs: number;
  onChange: (leader: MasterInfo | undefined) => void;
  onLost: (cause: string) => void;
  log: Log;
}): Promise<Leadership> {
  const { zk, self } = options;
  const zookeeper: ZooKeeper = await connect({
    servers: zk.servers,
    auth: zk.auth,
    sessionTimeoutMs: options.sessionTimeoutMs,
    connectTimeoutMs: 60_000,
  });
  void zookeeper.lost.then(options.onLost);
  const address = `${self.ip}:${self.port}`;
  // The client library takes no path that ends in a slash, so the number has one zero more than the real one's.
  await zookeeper.create(`${zk.path}/log_replicas/0`, `log-replica(1)@${address}`, 'ephemeral-sequential');
  const data = atLeast(self.version, '0.24.0') ? JSON.stringify(masterInfoJson(self)) : encodeMasterInfo(self);
  const own = await zookeeper.create(`${zk.path}/${contenderPrefix(self.version)}`, data, 'ephemeral-sequential');
  options.log(`New candidate (id='${Number(own.slice(-10))}') has entered the contest for leadership`);

  let leader: MasterInfo | undefined;
  const follower = followLeader({
    zookeeper,
    path: zk.path,
    accept: canRead(self.version),
    order: bySequence,
    log: options.log,
    onLeader: (member) => {
      leader = member === undefined ? undefined : readMasterInfo(member.node, member.data);
      options.onChange(leader);
    },
  });
  const replicas = async (): Promise<readonly string[]> => {
    const nodes = await zookeeper.children(`${zk.path}/log_replicas`);
    const pids = await Promise.all(nodes.map((node) => zookeeper.read(`${zk.path}/log_replicas/${node}`)));
    return [...new Set(pids.flatMap((pid) => (pid === undefined ? [] : [pid.toString().replace(/^.*@/, '')])))];
  };
  return {
    leader: () => leader,
    peers: async () => (await replicas()).filter((replica) => replica !== address),
    replicas: async () => (await replicas()).length,
    stop: async () => {
      follower.stop();
      await zookeeper.close();
    },
  };
}
