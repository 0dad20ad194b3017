import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { marathonConfig } from '../../../../lab/standins/src/marathon/config.js';
import { startMarathon, type RunningMarathon } from '../../../../lab/standins/src/marathon/marathon.js';
import { agentConfig } from '../../../../lab/standins/src/mesos/agent/config.js';
import { startAgent, type RunningAgent } from '../../../../lab/standins/src/mesos/agent/agent.js';
import { masterConfig } from '../../../../lab/standins/src/mesos/master/config.js';
import { startMaster, type RunningMaster } from '../../../../lab/standins/src/mesos/master/master.js';
import { silent } from '../../../../lab/standins/src/shared/log.js';
import { call as callOnce, type Answer, type Call } from '../../../../lab/standins/src/shared/http-client.js';
import { freePort } from '../../../rig/ports.js';

export interface Started<T> {
  readonly running: T;
  readonly port: number;
  readonly url: string;
  readonly fatal: string[];
  readonly workDir: string;
}

/** Starts stand-ins inside the test and takes all of them down at its end. */
export function programs(
  servers: string,
  name: string,
): {
  readonly master: (options: {
    version: string;
    quorum?: number;
    workDir?: string;
    flags?: readonly string[];
  }) => Promise<Started<RunningMaster>>;
  readonly agent: (options: {
    version: string;
    socketPath: string;
    workDir?: string;
    port?: number;
    attributes?: string;
    flags?: readonly string[];
  }) => Promise<Started<RunningAgent>>;
  readonly marathon: (options: {
    version: string;
    env?: Readonly<Record<string, string>>;
  }) => Promise<Started<RunningMarathon>>;
  readonly stop: (started: Started<{ stop: () => Promise<void> }>) => Promise<void>;
  readonly stopAll: () => Promise<void>;
} {
  const alive = new Set<{ stop: () => Promise<void> }>();
  const directories: string[] = [];
  const directory = (): string => {
    const made = mkdtempSync(join(tmpdir(), 'standins-work-'));
    directories.push(made);
    return made;
  };
  const started = <T extends { stop: () => Promise<void> }>(
    running: T,
    port: number,
    fatal: string[],
    workDir = '',
  ): Started<T> => {
    alive.add(running);
    return { running, port, url: `http://127.0.0.1:${port}`, fatal, workDir };
  };
  const common = async (
    version: string,
    given?: number,
  ): Promise<{ version: string; port: number; fatal: string[]; flags: string[] }> => {
    const port = given ?? (await freePort());
    return { version, port, fatal: [], flags: ['--ip=127.0.0.1', '--hostname=127.0.0.1', `--port=${port}`] };
  };
  return {
    master: async (options) => {
      const { version, port, fatal, flags } = await common(options.version);
      const workDir = options.workDir ?? directory();
      const argv = [
        ...flags,
        `--zk=zk://${servers}/${name}/mesos`,
        `--quorum=${options.quorum ?? 1}`,
        `--work_dir=${workDir}`,
        ...(options.flags ?? []),
      ];
      const config = masterConfig({ version, env: {}, argv });
      const running = await startMaster({ config, log: silent, onFatal: (error) => void fatal.push(error.message) });
      return started(running, port, fatal, workDir);
    },
    agent: async (options) => {
      const { version, port, fatal, flags } = await common(options.version, options.port);
      const workDir = options.workDir ?? directory();
      const argv = [
        ...flags,
        `--master=zk://${servers}/${name}/mesos`,
        `--work_dir=${workDir}`,
        '--containerizers=docker,mesos',
        '--resources=cpus:4;mem:4096',
        `--docker_socket=${options.socketPath}`,
        ...(options.attributes === undefined ? [] : [`--attributes=${options.attributes}`]),
        ...(options.flags ?? []),
      ];
      const config = agentConfig({ version, env: {}, argv });
      const running = await startAgent({ config, log: silent, onFatal: (error) => void fatal.push(error.message) });
      return started(running, port, fatal, workDir);
    },
    marathon: async (options) => {
      const { version, port, fatal } = await common(options.version);
      const env = {
        MARATHON_MASTER: `zk://${servers}/${name}/mesos`,
        MARATHON_ZK: `zk://${servers}/${name}/marathon`,
        MARATHON_HOSTNAME: '127.0.0.1',
        MARATHON_HTTP_ADDRESS: '127.0.0.1',
        MARATHON_HTTP_PORT: String(port),
        ...options.env,
      };
      const config = marathonConfig({ version, env, argv: [] });
      const running = await startMarathon({ config, log: silent, onFatal: (error) => void fatal.push(error.message) });
      return started(running, port, fatal);
    },
    stop: async ({ running }) => {
      alive.delete(running);
      await running.stop();
    },
    stopAll: async () => {
      await Promise.all([...alive].map((running) => running.stop()));
      for (const path of directories) rmSync(path, { recursive: true, force: true });
    },
  };
}

/** A call as a stand-in makes it, with a test's patience. */
export function call(options: Call): Promise<Answer> {
  return callOnce({ timeoutMs: 30_000, ...options });
}

export async function getJson(url: string): Promise<Record<string, unknown>> {
  return JSON.parse((await call({ url })).body) as Record<string, unknown>;
}
