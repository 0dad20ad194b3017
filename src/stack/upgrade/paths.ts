import { assertNever } from '../../core/assert.js';
import { compareVersions, isAtLeast, minorOf } from '../version.js';
import { titleOf, type UpgradeName } from './components.js';
import { newestOfMinor, releasesBetween } from './releases.js';
import type { Target, TargetVersion } from './targets.js';

/** The versions a component goes through, the wanted one last; or why there is no way. */
export type Path =
  | { readonly kind: 'path'; readonly versions: readonly TargetVersion[] }
  | { readonly kind: 'none'; readonly message: string; readonly hint?: string };

const none = (message: string, hint?: string): Path => ({
  kind: 'none',
  message,
  ...(hint === undefined ? {} : { hint }),
});

/** From this patch on servers of 3.4 were measured to stand beside later ones; 3.4.6 is the least that can at all. */
const oldestRollable = '3.4.13';

/**
 * The way of a component from what runs to what is wanted. `running` is every version that runs, oldest first: where a
 * rollout was cut off there are several, and the newest of them is finished before anything later.
 */
export function pathOf(target: Target, running: readonly string[]): Path {
  const { name, version } = target;
  const from = running[0];
  const newest = running.at(-1);
  if (from === undefined || newest === undefined) return none(`which ${titleOf(name)} runs is not known`);
  if (compareVersions(newest, version.number) > 0) {
    const way = wayBack(name, { from: newest, to: version.number });
    return way ?? { kind: 'path', versions: [version] };
  }
  const begun = newest === from ? [] : [{ number: newest, suffix: version.suffix }];
  const stops = [...begun, ...target.stations, version]
    .filter(({ number }) => compareVersions(number, from) > 0)
    .toSorted((left, right) => compareVersions(left.number, right.number));
  const versions: TargetVersion[] = [];
  let last = from;
  for (const stop of stops) {
    if (stop.number === last) continue;
    const isNamed = target.stations.some(({ number }) => number === last);
    const leg: Leg = { from: last, to: stop.number, isNamed };
    const problem = problemOf(name, leg);
    if (problem !== undefined) return problem;
    const between = stationsBetween(name, leg);
    versions.push(...between.map((number) => ({ number, suffix: version.suffix })), stop);
    last = stop.number;
  }
  // Where all run it already a step that was cut off may still be left.
  return { kind: 'path', versions: versions.length === 0 ? [version] : versions };
}

interface Leg {
  readonly from: string;
  readonly to: string;
  /** The user named `from` as a station. */
  readonly isNamed: boolean;
}

/** Why there is no way back to an older version; undefined: there is one. */
function wayBack(name: UpgradeName, { from, to }: Omit<Leg, 'isNamed'>): Path | undefined {
  const runs = `${titleOf(name)} ${from} runs, and ${to} is older`;
  switch (name) {
    case 'zookeeper':
      if (minorOf(from) === minorOf(to)) return undefined;
      return isAtLeast(to, '3.5.0') || !isAtLeast(from, '3.5.0')
        ? none(`${runs}: servers are rolled forward only`, 'the way back is to restore a backup of the older version')
        : none(
            `${runs}: no server of 3.4 reads for certain what 3.5 and later have written`,
            'the way back is to restore the backup that was taken before the upgrade',
          );
    case 'mesos':
      return none(
        `${runs}: masters go first on the way up, and refuse nothing older than themselves; on the way down agents would be newer than their masters`,
        'a step that did not hold has already been taken back; else restore the older version by hand, agents first',
      );
    case 'marathon':
      return none(
        `${runs}: its state in ZooKeeper has been migrated, and an older Marathon refuses it`,
        'the way back is to restore the backup that was taken before the upgrade',
      );
    case 'bamboo':
      return isAtLeast(from, '0.2.20') && !isAtLeast(to, '0.2.20')
        ? none(
            `${runs}: from 0.2.20 on Bamboo writes its routes in a form that ${to} takes for a broken rule`,
            'stay at 0.2.20 or later',
          )
        : undefined;
    case 'docker':
      return none(`${runs}: a package is not taken back under running containers`);
    default:
      return assertNever(name);
  }
}

/** Why one leg cannot be gone; stations between are no reason. */
function problemOf(name: UpgradeName, { from, to }: Leg): Path | undefined {
  if (name === 'zookeeper' && !isAtLeast(from, '3.4.0'))
    return none(`no rolling way from ZooKeeper ${from} to ${to} is known`, 'bring it to 3.4 by its own manual first');
  return undefined;
}

/** The versions that must be gone through between two, both left out. */
function stationsBetween(name: UpgradeName, leg: Leg): readonly string[] {
  const { from, to } = leg;
  switch (name) {
    case 'zookeeper':
      return zookeeperStations(leg);
    case 'mesos': {
      if (isAtLeast(from, '1.0.0') || !isAtLeast(to, '1.0.0')) return [];
      const last = isAtLeast(from, '0.28.0') ? [] : newest('mesos', '0.28.0');
      return [...last, ...(isAtLeast(to, '1.1.0') ? newest('mesos', '1.0.0') : [])];
    }
    case 'marathon':
      // Its own guide says not to skip releases; that 1.8 may follow 1.6 is its one exception (changelog 1.8).
      if (leg.isNamed && minorOf(from) === '1.6' && minorOf(to) === '1.8') return [];
      return minorOf(from) === minorOf(to) ? [] : releasesBetween('marathon', leg);
    case 'bamboo':
    case 'docker':
      return [];
    default:
      return assertNever(name);
  }
}

/** Measured: 3.4.13 goes to 3.8 directly, and from there to 3.9. From 3.5 on every later 3.x is one hop away. */
function zookeeperStations({ from, to }: Leg): readonly string[] {
  if (isAtLeast(from, '3.5.0') || !isAtLeast(to, '3.5.0')) return [];
  return [
    ...(isAtLeast(from, oldestRollable) ? [] : newest('zookeeper', '3.4.0')),
    ...(isAtLeast(to, '3.9.0') ? newest('zookeeper', '3.8.0') : []),
  ];
}

function newest(name: UpgradeName, minor: string): readonly string[] {
  const found = newestOfMinor(name, minor);
  return found === undefined ? [] : [found];
}
