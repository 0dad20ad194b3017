import { followLeader } from "../shared/election.js";
import type { Log } from "../shared/log.js";
import { connect } from "../shared/zookeeper.js";
import { parseZkUrl } from "../shared/zk-url.js";
import { bySequence, canRead, readMasterInfo } from "./master-info.js";

export interface Detector {
  /** The leading master; undefined while nobody leads, or while its node cannot be read by this version. */
  readonly master: () => { readonly ip: string; readonly port: number; readonly hostname: string } | undefined;
  readonly stop: () => Promise<void>;
}

/**
 * Follows the leading master as a libmesos of `libmesosVersion` does: `zk://…/path`, or a fixed `host:port`.
 * Calls `onLost` when the ZooKeeper session is gone.
 */
export async function detectMaster(options: {
  master: string;
  libmesosVersion: string;
  sessionTimeoutMs: number;
  onChange: () => void;
  onLost: (cause: string) => void;
  log: Log;
}): Promise<Detector> {
  const zk = parseZkUrl(options.master);
  if (zk === undefined) {
    const [ip = "", port] = options.master.replace(/^master@/, "").split(":");
    return { master: () => ({ ip, port: Number(port ?? 5050), hostname: ip }), stop: async () => undefined };
  }
  const zookeeper = await connect({ servers: zk.servers, auth: zk.auth, sessionTimeoutMs: options.sessionTimeoutMs, connectTimeoutMs: 60_000 });
  void zookeeper.lost.then(options.onLost);
  let current: ReturnType<Detector["master"]>;
  const follower = followLeader({
    zookeeper,
    path: zk.path,
    accept: canRead(options.libmesosVersion),
    order: bySequence,
    log: options.log,
    onLeader: (member) => {
      current = member === undefined ? undefined : readMasterInfo(member.node, member.data);
      options.log(current === undefined ? "No leading master" : `New leading master detected at master@${current.ip}:${current.port}`);
      options.onChange();
    },
  });
  return {
    master: () => current,
    stop: async () => {
      follower.stop();
      await zookeeper.close();
    },
  };
}
