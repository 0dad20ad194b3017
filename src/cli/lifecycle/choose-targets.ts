import { InputError } from '../../core/diagnostic.js';
import { didYouMean } from '../../core/suggest.js';
import { hostsLike, knownNames, readComponentNames } from '../../stack/lifecycle/components.js';
import type { Target } from '../../stack/lifecycle/plays.js';
import { usualGroups } from '../../stack/status/members.js';
import type { OpenCluster } from '../open-cluster.js';

/** The components that were named and the hosts after `--limit` that have them, from the bottom to the top. Throws InputError. */
export function chooseTargets(cluster: OpenCluster, names: readonly string[]): readonly Target[] {
  const { components, unknown } = readComponentNames(names);
  if (unknown.length > 0) throw unknownComponents(unknown);
  const targets = components.flatMap((component): readonly Target[] => {
    // Docker is underneath everything: it is meant wherever something of the cluster runs.
    const like = hostsLike(component);
    const hosts = cluster.hosts.filter((host) =>
      cluster.members.some((member) => member.host === host && (like === 'any' || member.component === like)),
    );
    return hosts.length === 0 ? [] : [{ component, hosts }];
  });
  if (targets.length > 0) return targets;
  throw new InputError([
    {
      severity: 'error',
      code: 'no-components',
      message: `none of these hosts has ${names.join(', ')}`,
      hint: `the groups are ${usualGroups.join(', ')}; variables such as \`zookeeper_group\` name others`,
    },
  ]);
}

function unknownComponents(names: readonly string[]): InputError {
  return new InputError(
    names.map((name) => ({
      severity: 'error',
      code: 'unknown-component',
      message: `\`${name}\` is no component`,
      hint: didYouMean(name, knownNames) ?? `components are ${knownNames.join(', ')}`,
    })),
  );
}
