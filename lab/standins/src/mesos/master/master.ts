import { randomUUID } from 'node:crypto';
import { Fatal, reason } from '../../shared/exit.js';
import { listen } from '../../shared/http-server.js';
import type { Log } from '../../shared/log.js';
import { repeat } from '../../shared/repeat.js';
import type { ZkUrl } from '../../shared/zk-url.js';
import { masterInfo, type MasterInfo } from '../master-info.js';
import { newCluster, removeAgent, type Cluster } from './cluster.js';
import type { MasterConfig } from './config.js';
import { answer } from './endpoints.js';
import { aloneLeading, contend, type Leadership } from './leadership.js';
import type { Registry } from './registry.js';
import { openReplicatedLog, type ReplicatedLog } from './replicated-log.js';

/** All that an endpoint may look at. `registry` is undefined unless this master leads and has recovered it. */
export interface Master {
  readonly config: MasterConfig;
  readonly info: MasterInfo;
  readonly startedAt: number;
  readonly replicatedLog: ReplicatedLog;
  readonly leadership: () => Leadership | undefined;
  readonly leads: () => boolean;
  readonly electedAt: () => number | undefined;
  readonly registry: () => Registry | undefined;
  readonly ensembleSize: () => number;
  /** Writes the registry through the log, one change after another. */
  readonly update: (change: (registry: Registry) => Registry) => Promise<void>;
  readonly cluster: Cluster;
  readonly removals: { recovery: number; unreachable: number };
  readonly log: Log;
}

export interface RunningMaster {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** Starts a mesos-master. `onFatal` is called when a real one would abort (ZooKeeper lost, no quorum for its registry). */
export async function startMaster(options: {
  config: MasterConfig;
  log: Log;
  onFatal: (error: Fatal) => void;
}): Promise<RunningMaster> {
  const { config, log } = options;
  let leadership: Leadership | undefined;
  let leads = false;
  let electedAt: number | undefined;
  let registry: Registry | undefined;
  let ensembleSize = 0;
  let stopped = false;
  let writes: Promise<void> = Promise.resolve();
  const fatal = (message: string): void => {
    if (!stopped) options.onFatal(new Fatal(message));
  };

  const replicatedLog = openReplicatedLog({
    workDir: config.workDir,
    quorum: config.quorum,
    autoInitialize: config.flags.boolean('log_auto_initialize', true),
    storeTimeoutMs: config.flags.duration('registry_store_timeout', '20secs'),
    peers: async () => (await leadership?.peers()) ?? [],
    log,
  });
  const store = async (change: (current: Registry) => Registry): Promise<void> => {
    if (registry === undefined) throw new Error('the registry is not recovered');
    const next = change(registry);
    await replicatedLog.store(next);
    registry = next;
  };
  const startedAt = Date.now();
  const info = masterInfo({ id: randomUUID(), address: config.advertised, version: config.version });
  const master: Master = {
    config,
    info,
    startedAt,
    replicatedLog,
    leadership: () => leadership,
    leads: () => leads,
    electedAt: () => electedAt,
    registry: () => registry,
    ensembleSize: () => ensembleSize,
    update: (change) => {
      const write = writes.then(() => store(change));
      writes = write.catch((error: unknown) => {
        if (error instanceof Fatal) fatal(error.message);
      });
      return write;
    },
    cluster: newCluster(),
    removals: { recovery: 0, unreachable: 0 },
    log,
  };

  const server = await listen({
    host: config.bindHost,
    port: config.bindPort,
    banner: `mesos-master ${config.version}`,
    handle: (request) => answer(master, request),
  }).catch((error: unknown) => {
    throw new Fatal(`Failed to initialize: Failed to bind on ${config.bindHost}:${config.bindPort}: ${reason(error)}`);
  });

  const onChange = (leader: MasterInfo | undefined): void => {
    const now = leader?.pid === info.pid && leader.id === info.id;
    if (leads && !now) return fatal('Lost leadership... committing suicide!');
    if (now && !leads) {
      electedAt = Date.now();
      log('Elected as the leading master!');
    } else if (leader !== undefined) log(`A new leading master (UPID=${leader.pid}) is detected`);
    leads = now;
    loop.wake();
  };

  const tick = async (): Promise<void> => {
    if (leadership === undefined) return;
    ensembleSize = await leadership.replicas();
    await replicatedLog.recover();
    if (!leads || electedAt === undefined) return;
    registry ??= await replicatedLog.fetch();
    const timeout = config.flags.duration('registry_fetch_timeout', '60secs');
    if (registry === undefined) {
      if (Date.now() - electedAt > timeout)
        fatal(`Recovery failed: Failed to recover registrar: Failed to perform fetch within ${timeout / 1000}secs`);
      return;
    }
    await expire(master, registry, electedAt);
  };
  const loop = repeat({ intervalMs: 400, work: tick, log });

  const contest = async (zk: ZkUrl): Promise<void> => {
    leadership = await contend({ zk, self: info, sessionTimeoutMs: config.zkSessionTimeoutMs, onChange, onLost, log });
    if (stopped) await leadership.stop();
    loop.wake();
  };
  const onLost = (cause: string): void => {
    if (stopped || config.zk === undefined) return;
    if (leads) return fatal(`Lost leadership... committing suicide! (${cause})`);
    log(`Lost candidacy as a follower (${cause})... Contend again`);
    const { zk } = config;
    const old = leadership;
    leadership = undefined;
    const again = (): void => {
      contest(zk).catch((error: unknown) => {
        log(reason(error));
        if (!stopped) setTimeout(again, 1_000).unref();
      });
    };
    void old?.stop().then(again);
  };

  if (config.zk === undefined) {
    leadership = aloneLeading(info);
    onChange(info);
  } else {
    await contest(config.zk).catch((error: unknown) => {
      throw new Fatal(`Failed to contend: ${reason(error)}`);
    });
  }
  return {
    port: server.port,
    stop: async () => {
      stopped = true;
      await loop.stop();
      await server.close();
      await leadership?.stop();
    },
  };
}

/** Forgets agents that were silent for too long, and those that never came back after a fail-over. */
async function expire(master: Master, registry: Registry, electedAt: number): Promise<void> {
  const now = Date.now();
  const silent = [...master.cluster.agents.values()].filter(
    (agent) => now - agent.seenAt > master.config.agentTimeoutMs,
  );
  for (const agent of silent) {
    removeAgent(master.cluster, agent.id, 'Agent removed: health check timed out');
    master.removals.unreachable += 1;
    master.log(`Agent ${agent.id} (${agent.report.hostname}) is gone: health check timed out`);
  }
  const tooLate = now - electedAt > master.config.agentReregisterTimeoutMs;
  const neverBack = tooLate
    ? registry.agents.filter(({ id }) => !master.cluster.agents.has(id) && !silent.some((agent) => agent.id === id))
    : [];
  master.removals.recovery += neverBack.length;
  const gone = new Set([...silent, ...neverBack].map(({ id }) => id));
  if (gone.size === 0) return;
  await master.update((current) => ({ ...current, agents: current.agents.filter(({ id }) => !gone.has(id)) }));
}
