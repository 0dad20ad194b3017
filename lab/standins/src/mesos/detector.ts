import { followLeader } from '../shared/election.js';
import { reason } from '../shared/exit.js';
import type { Log } from '../shared/log.js';
import { connect } from '../shared/zookeeper.js';
import { parseZkUrl } from '../shared/zk-url.js';
import { bySequence, canRead, readMasterInfo } from './master-info.js';

export interface Detector {
  /** The leading master; undefined while nobody leads, or while its node cannot be read by this version. */
  readonly master: () => { readonly ip: string; readonly port: number; readonly hostname: string } | undefined;
  readonly stop: () => Promise<void>;
}

/**
 * Follows the leading master as a libmesos of `libmesosVersion` does: `zk://…/path`, or a fixed `host:port`.
 * A ZooKeeper session that is lost means "no master" until another one is had; nobody ends because of it.
 */
export async function detectMaster(options: {
  master: string;
  libmesosVersion: string;
  sessionTimeoutMs: number;
  onChange: () => void;
  log: Log;
}): Promise<Detector> {
  const { log } = options;
  const zk = parseZkUrl(options.master);
  if (zk === undefined) {
    const [ip = '', port] = options.master.replace(/^master@/, '').split(':');
    return { master: () => ({ ip, port: Number(port ?? 5050), hostname: ip }), stop: async () => undefined };
  }
  let current: ReturnType<Detector['master']>;
  let stopped = false;
  let close = async (): Promise<void> => undefined;

  const follow = async (): Promise<void> => {
    const zookeeper = await connect({
      servers: zk.servers,
      auth: zk.auth,
      sessionTimeoutMs: options.sessionTimeoutMs,
      connectTimeoutMs: 60_000,
    });
    if (stopped) return zookeeper.close();
    const follower = followLeader({
      zookeeper,
      path: zk.path,
      accept: canRead(options.libmesosVersion),
      order: bySequence,
      log,
      onLeader: (member) => {
        current = member === undefined ? undefined : readMasterInfo(member.node, member.data);
        log(
          current === undefined
            ? 'No leading master'
            : `New leading master detected at master@${current.ip}:${current.port}`,
        );
        options.onChange();
      },
    });
    close = async () => {
      follower.stop();
      await zookeeper.close();
    };
    void zookeeper.lost.then(async (cause) => {
      if (stopped) return;
      log(`Lost the leading master: ${cause}`);
      current = undefined;
      await close();
      again();
    });
  };
  const again = (): void => {
    if (stopped) return;
    follow().catch((error: unknown) => {
      log(`Failed to detect a master: ${reason(error)}`);
      setTimeout(again, 1_000).unref();
    });
  };
  again();
  return {
    master: () => current,
    stop: async () => {
      stopped = true;
      await close();
    },
  };
}
