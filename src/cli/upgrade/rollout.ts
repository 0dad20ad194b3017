import { sh } from '../../shell/text.js';
import type { Part } from '../../stack/upgrade/components.js';
import type { PlannedHop } from '../../stack/upgrade/plan.js';
import type { RolloutOptions } from '../../run/request.js';
import type { OpenCluster } from '../open-cluster.js';
import { askChoice } from '../prompt.js';
import type { UpgradeOptions } from './options.js';

/** What the flags say about the steps of a hop. */
export function rolloutOf(options: UpgradeOptions, hop: PlannedHop): RolloutOptions {
  return {
    ...(options.canary === undefined ? {} : { canary: options.canary }),
    ...(options.soak === undefined ? {} : { soakSeconds: options.soak }),
    ...(options.pause === true
      ? { pause: async (question) => (await askChoice(question, ['yes', 'no'])) === 'yes' }
      : {}),
    // Nothing of it runs any more: there is no quorum to wait for.
    ...(hop.stopsAll ? { bringUp: true } : {}),
  };
}

/** Stops every member of a part, all at the same time. */
export async function stopAll(cluster: OpenCluster, part: Part): Promise<void> {
  const members = cluster.members.filter(({ component }) => component === part);
  await Promise.all(
    members.map(({ host, container }) => cluster.run(host, sh`docker stop --time 30 ${container} >/dev/null`)),
  );
}
