import { afterEach, beforeEach } from 'vitest';
import { forFile } from '../../../rig/for-file.js';
import { startFakeDocker, type FakeDocker } from './docker.js';
import { programs } from './programs.js';
import { startZooKeeper } from './zookeeper.js';

type Programs = ReturnType<typeof programs>;

/** Stand-ins of Mesos and Marathon with a Docker that has the image `web:1`. */
export interface StandinsLab extends Programs {
  readonly docker: FakeDocker;
  /** Starts what is started from now on below another node of ZooKeeper, as another cluster. */
  moveOn(): void;
}

/** One ZooKeeper for all tests of a file; each test has a node of its own in it, and its programs end with it. */
export function standinsForFile(name: string): StandinsLab {
  const zookeeper = forFile({ start: startZooKeeper, stop: (server) => server.stop(), startWithin: 300_000 });
  let number = 0;
  let running: Programs | undefined;
  let docker: FakeDocker | undefined;
  const moveOn = (): void => {
    number += 1;
    running = programs(zookeeper.servers, `${name}${number}`);
  };
  beforeEach(async () => {
    moveOn();
    docker = await startFakeDocker(['web:1']);
  });
  afterEach(async () => {
    await running?.stopAll();
    await docker?.stop();
  });
  const started = <T>(what: T | undefined): T => {
    if (what === undefined) throw new Error('not started yet: it can be used in tests');
    return what;
  };
  return {
    get docker() {
      return started(docker);
    },
    moveOn,
    master: (options) => started(running).master(options),
    agent: (options) => started(running).agent(options),
    marathon: (options) => started(running).marathon(options),
    stop: (program) => started(running).stop(program),
    stopAll: () => started(running).stopAll(),
  };
}
