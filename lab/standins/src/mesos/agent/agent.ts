import { connectDocker } from '../../shared/docker.js';
import { Fatal, reason } from '../../shared/exit.js';
import { postJson } from '../../shared/http-client.js';
import { listen } from '../../shared/http-server.js';
import type { Log } from '../../shared/log.js';
import { repeat } from '../../shared/repeat.js';
import { isTerminal, type AgentReply, type AgentReport } from '../protocol.js';
import type { AgentConfig } from './config.js';
import { detectMaster, type Detector } from '../detector.js';
import { answer } from './endpoints.js';
import { forgetIdentity, keepIdentity, recoverIdentity } from './identity.js';
import { orphansAmong } from './orphans.js';
import { openTasks, type Tasks } from './tasks.js';

/** All that an endpoint may look at. */
export interface Agent {
  readonly config: AgentConfig;
  readonly startedAt: number;
  readonly id: () => string | undefined;
  readonly registered: () => boolean;
  readonly masterHostname: () => string | undefined;
  readonly recoveryErrors: number;
  readonly tasks: Tasks;
  readonly log: Log;
}

export interface RunningAgent {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** Starts a mesos-slave: recovers its id and tasks, kills orphans as its version does, registers with the leading master and reports. */
export async function startAgent(options: {
  config: AgentConfig;
  log: Log;
  onFatal: (error: Fatal) => void;
}): Promise<RunningAgent> {
  const { config, log } = options;
  const docker = connectDocker(config.dockerSocket);
  const useDocker = config.containerizers.includes('docker');
  let stopped = false;
  let id = recoverIdentity(config);
  const recoveredId = id;
  let reported = 0;
  let detector: Detector | undefined;
  let wake = (): void => undefined;
  const tasks = openTasks({
    docker,
    hostname: config.advertised.hostname,
    stopTimeoutSeconds: config.flags.duration('docker_stop_timeout', '0secs') / 1000,
    onChange: () => wake(),
    log,
  });

  if (useDocker) {
    const containers = await docker.list().catch((error: unknown) => {
      throw new Fatal(`Failed to create a containerizer: Could not create DockerContainerizer: ${reason(error)}`);
    });
    if (id !== undefined) await tasks.recover(id);
    const names = containers.flatMap(({ Names }) => Names.map((name) => name.replace(/^\//, '')));
    const orphans = orphansAmong({
      version: config.version,
      names,
      known: tasks.containerNames(),
      recoveredId,
      killOrphans: config.dockerKillOrphans,
    });
    for (const orphan of orphans) {
      log(`Stopping orphaned container ${orphan}`);
      await docker.stop(orphan, 0).catch((error: unknown) => log(reason(error)));
      await docker.remove(orphan).catch((error: unknown) => log(reason(error)));
    }
  }
  if (config.flags.text('recover') === 'cleanup') {
    await tasks.killAll();
    forgetIdentity(config);
    throw new Fatal('Agent cleaned up its tasks (--recover=cleanup) and ends', 0);
  }

  const agent: Agent = {
    config,
    startedAt: Date.now(),
    id: () => id,
    registered: () => Date.now() - reported < 3_500,
    masterHostname: () => detector?.master()?.hostname,
    recoveryErrors: 0,
    tasks,
    log,
  };
  const server = await listen({
    host: config.bindHost,
    port: config.bindPort,
    banner: `mesos-slave ${config.version}`,
    handle: (request) => answer(agent, request),
  }).catch((error: unknown) => {
    throw new Fatal(`Failed to initialize: Failed to bind on ${config.bindHost}:${config.bindPort}: ${reason(error)}`);
  });

  const report = async (): Promise<void> => {
    const master = detector?.master();
    if (master === undefined) return;
    const said: AgentReport = {
      id,
      hostname: config.advertised.hostname,
      ip: config.advertised.ip,
      port: config.advertised.port,
      version: config.version,
      resources: config.resources,
      attributes: config.attributes,
      tasks: tasks.statuses(),
    };
    const reply = (await postJson(`http://${master.ip}:${master.port}/standin/agent`, said, 3_000)) as AgentReply;
    if (reply.shutdown) {
      await tasks.killAll();
      forgetIdentity(config);
      if (!stopped) options.onFatal(new Fatal('Agent asked to shut down by the master'));
      return;
    }
    if (id !== reply.id) {
      id = reply.id;
      keepIdentity(config, id);
      log(`Registered with master master@${master.ip}:${master.port}; given agent ID ${id}`);
    } else if (!agent.registered()) log(`Re-registered with master master@${master.ip}:${master.port}`);
    reported = Date.now();
    tasks.forget(said.tasks.filter((status) => isTerminal(status.state)).map((status) => status.task.taskId));
  };
  const loop = repeat({ intervalMs: 1_000, work: report, log });
  wake = loop.wake;
  // By itself: an agent registers and reports whether Docker answers or not.
  const watch = repeat({ intervalMs: 1_000, work: useDocker ? tasks.refresh : async () => undefined, log });
  detector = await detectMaster({
    master: config.master,
    libmesosVersion: config.version,
    sessionTimeoutMs: config.zkSessionTimeoutMs,
    onChange: () => loop.wake(),
    log,
  });
  return {
    port: server.port,
    stop: async () => {
      stopped = true;
      await Promise.all([loop.stop(), watch.stop()]);
      await server.close();
      await detector?.stop();
    },
  };
}
