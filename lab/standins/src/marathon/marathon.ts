import { Fatal, reason } from '../shared/exit.js';
import { listen, text, type Reply, type Request } from '../shared/http-server.js';
import type { Log } from '../shared/log.js';
import { atLeast } from '../shared/version.js';
import { connect } from '../shared/zookeeper.js';
import { detectMaster } from '../mesos/detector.js';
import { answer, type Leading } from './api.js';
import { requestBackup, runRequested } from './backup.js';
import { libmesosOf, type MarathonConfig } from './config.js';
import { standForLeader, type Candidate } from './leadership.js';
import { migrate } from './migration.js';
import { proxyToLeader } from './proxy.js';
import { startScheduler, type Scheduler } from './scheduler.js';
import { openService, type Service } from './service.js';
import { openStore } from './store.js';

export interface RunningMarathon {
  readonly port: number;
  readonly leads: () => boolean;
  /** Ends as on SIGTERM: the ZooKeeper session is closed, so another leads at once. */
  readonly stop: () => Promise<void>;
}

/** How long a request waits for a leader to be known. */
const LEADER_WAIT_MS = 2_500;

/** Exit codes exist from 1.7 on; older ones end with 1. */
function exitCode(version: string, code: number): number {
  return atLeast(version, '1.7.0') ? code : 1;
}

/** Starts a Marathon. `onFatal` is called when a real one would exit (ZooKeeper or leadership lost, abdication, bad state). */
export async function startMarathon(options: {
  config: MarathonConfig;
  log: Log;
  onFatal: (error: Fatal) => void;
}): Promise<RunningMarathon> {
  const { config, log } = options;
  const { version } = config;
  const self = `${config.hostname}:${config.httpPort}`;
  const startedAt = Date.now();
  let stopped = false;
  let leader: string | undefined;
  let leading: Leading | undefined;
  let service: Service | undefined;
  let scheduler: Scheduler | undefined;
  let candidate: Candidate | undefined;
  const fatal = (error: Fatal): void => {
    if (!stopped) options.onFatal(error);
  };

  const knownLeader = async (): Promise<Leading | string | undefined> => {
    const deadline = Date.now() + LEADER_WAIT_MS;
    for (;;) {
      if (leading !== undefined) return leading;
      if (leader !== undefined && leader !== self) return leader;
      if (Date.now() > deadline) return undefined;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const handle = async (request: Request): Promise<Reply> => {
    const found = await knownLeader();
    if (found === undefined) {
      return text(
        atLeast(version, '1.7.0') ? 502 : 503,
        '<html><body><h2>Could not determine the current leader</h2></body></html>',
        { 'Content-Type': 'text/html' },
      );
    }
    if (typeof found !== 'string') {
      request.outgoing.setHeader('X-Marathon-Leader', `http://${self}`);
      return answer(found, request);
    }
    if (request.path === '/v2/events' && atLeast(version, '1.7.0'))
      return text(302, '', { Location: `http://${found}/v2/events` });
    return proxyToLeader({
      request,
      leader: found,
      self,
      connectTimeoutMs: Number(config.options.get('leader_proxy_read_timeout') ?? 10_000),
    });
  };

  const zookeeper = await connect({
    servers: config.zk.servers,
    auth: config.zk.auth,
    sessionTimeoutMs: config.zkSessionTimeoutMs,
    connectTimeoutMs: Math.min(config.zkSessionTimeoutMs, 20_000),
  }).catch((error: unknown) => {
    throw new Fatal(`Connection to ZooKeeper failed: ${reason(error)}`, exitCode(version, 100));
  });
  void zookeeper.lost.then((cause) =>
    fatal(new Fatal(`Connection to ZooKeeper lost: ${cause}`, exitCode(version, 101))),
  );
  const server = await listen({
    host: config.httpAddress,
    port: config.httpPort,
    banner: `Marathon/${version}`,
    handle,
  }).catch(async (error: unknown) => {
    await zookeeper.close();
    throw new Fatal(
      `Failed to bind to ${config.httpAddress}:${config.httpPort}: ${reason(error)}`,
      exitCode(version, 111),
    );
  });
  const detector = await detectMaster({
    master: config.master,
    libmesosVersion: libmesosOf(version),
    sessionTimeoutMs: Math.min(config.zkSessionTimeoutMs, 10_000),
    onChange: () => scheduler?.wake(),
    log,
  });

  const rest = async (): Promise<void> => {
    leading = undefined;
    service?.events.close();
    await scheduler?.stop();
  };
  const abdicate = (): void => {
    const leave = async (): Promise<void> => {
      log('Abdicating leadership');
      await rest();
      await candidate?.withdraw();
      if (atLeast(version, '1.3.6'))
        return fatal(
          new Fatal('Leadership abdicated: this instance ends and is to be started again', exitCode(version, 105)),
        );
      leader = undefined;
      await stand();
    };
    leave().catch((error: unknown) => fatal(new Fatal(reason(error))));
  };

  const lead = async (): Promise<void> => {
    log('Elected (Leader Interface)');
    if (atLeast(version, '1.5.0')) await runRequested({ zookeeper, path: config.zk.path, version, log });
    await migrate({ zookeeper, path: config.zk.path, version, log });
    const opened = await openService({ config, store: openStore(zookeeper, config.zk.path, version), log });
    if (opened.tasks.size > 0 && opened.frameworkId() === undefined && atLeast(version, '1.7.0')) {
      throw new Fatal('Refusing to create a new Framework ID while there are existing instances.', 108);
    }
    service = opened;
    const started = startScheduler({ service: opened, detector, webuiUrl: `http://${self}`, onFatal: fatal });
    scheduler = started;
    leading = {
      service: opened,
      self,
      startedAt,
      kill: started.kill,
      wake: started.wake,
      abdicate,
      requestBackup: (request) => requestBackup(zookeeper, config.zk.path, request),
    };
  };
  const stand = async (): Promise<void> => {
    if (!config.highAvailability) {
      leader = self;
      return lead();
    }
    let led = false;
    candidate = await standForLeader({
      zookeeper,
      path: config.zk.path,
      version,
      address: self,
      log,
      onChange: (state) => {
        leader = state.leader;
        if (led && !state.leads) return fatal(new Fatal('Lost leadership; crashing', exitCode(version, 103)));
        if (!state.leads) return log(`Defeated (Leader Interface); the leader is ${state.leader ?? 'unknown'}`);
        if (led) return;
        led = true;
        lead().catch((error: unknown) => fatal(error instanceof Fatal ? error : new Fatal(reason(error))));
      },
    });
  };
  await stand();

  return {
    port: server.port,
    leads: () => leading !== undefined,
    stop: async () => {
      stopped = true;
      candidate?.stop();
      await rest();
      await server.close();
      await detector.stop();
      await zookeeper.close();
    },
  };
}
