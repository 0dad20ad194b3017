import { zookeeperKind } from './zookeeper.js';
import type { EnsembleCatalogue, EnsembleKind } from '../../rollout/types.js';

const kinds: readonly EnsembleKind[] = [zookeeperKind];

/** The kinds of ensembles this stack knows. */
export const stackEnsembles: EnsembleCatalogue = {
  find: (name) => kinds.find((kind) => kind.name === name),
  names: kinds.map(({ name }) => name),
};
