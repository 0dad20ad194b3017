import { genericKind } from '../../rollout/generic.js';
import type { EnsembleCatalogue, EnsembleKind } from '../../rollout/types.js';
import { bambooKind } from './bamboo.js';
import { dockerKind } from './docker.js';
import { marathonKind } from './marathon.js';
import { mesosAgentKind } from './mesos-agent.js';
import { mesosMasterKind } from './mesos-master.js';
import { zookeeperKind } from './zookeeper.js';

const services: readonly EnsembleKind[] = [zookeeperKind, mesosMasterKind, mesosAgentKind, marathonKind, bambooKind];
const kinds = [...services, dockerKind(services), genericKind];

/** The kinds of ensembles this stack knows. */
export const stackEnsembles: EnsembleCatalogue = {
  find: (name) => kinds.find((kind) => kind.name === name),
  names: kinds.map(({ name }) => name),
};
