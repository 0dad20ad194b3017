import type { AnyModule } from '../modules/types.js';
import { bambooRender } from './bamboo/render.js';
import { bambooStateModule } from './bamboo/state.js';
import { marathonLeader } from './marathon/leader.js';
import { mesosAgent } from './mesos/agent.js';
import { mesosMasters } from './mesos/masters.js';
import { zookeeperEnsemble } from './zookeeper/ensemble.js';
import { zookeeperJavaEnv } from './zookeeper/java-env.js';
import { zookeeperMyid } from './zookeeper/myid.js';
import { zookeeperOwnConfig } from './zookeeper/own-config.js';
import { zookeeperProbe } from './zookeeper/probe.js';

/** The modules that only this stack has. */
export const stackModules: readonly AnyModule[] = [
  bambooRender,
  bambooStateModule,
  marathonLeader,
  mesosAgent,
  mesosMasters,
  zookeeperEnsemble,
  zookeeperJavaEnv,
  zookeeperMyid,
  zookeeperOwnConfig,
  zookeeperProbe,
];
