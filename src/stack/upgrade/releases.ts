import { compareVersions, minorOf } from '../version.js';
import type { UpgradeName } from './components.js';

/**
 * The newest release of every minor that the authors know of, oldest first. The minors and their order are those of the
 * programs' changelogs (Marathon's never made 0.12, 1.0 and 1.2 final); the patches were written down without a list of
 * releases to check them against, so a later one may exist. That does no harm: a patch that is not here is taken as it is
 * given, and `NAME=STATION,VERSION` names another one for a stop on the way.
 */
const newest: Readonly<Record<Exclude<UpgradeName, 'docker'>, string>> = {
  zookeeper: '3.4.14 3.5.10 3.6.4 3.7.2 3.8.4 3.9.4',
  mesos:
    '0.20.1 0.21.1 0.22.1 0.23.0 0.24.2 0.25.0 0.26.0 0.27.1 0.28.1 ' +
    '1.0.4 1.1.3 1.2.1 1.3.0 1.4.1 1.5.1 1.6.0 1.7.0 1.8.0 1.9.0 1.10.0 1.11.0',
  // 0.12, 1.0 and 1.2 were never released as stable ones.
  marathon:
    '0.8.2 0.9.0 0.10.1 0.11.1 0.13.0 0.14.0 0.15.3 1.1.1 1.3.14 1.4.14 1.5.15 ' +
    '1.6.549 1.7.174 1.8.222 1.9.109 1.10.26',
  bamboo: '0.2.20 0.3.1',
};

/** The newest known release of every minor, oldest first; undefined for Docker, whose versions are its distribution's. */
export function releasesOf(name: UpgradeName): readonly string[] | undefined {
  return name === 'docker' ? undefined : newest[name].split(' ');
}

/** The newest known release of the minor that a version belongs to. */
export function newestOfMinor(name: UpgradeName, version: string): string | undefined {
  return releasesOf(name)?.find((release) => minorOf(release) === minorOf(version));
}

/** The newest known releases of the minors between two versions, both left out. */
export function releasesBetween(
  name: UpgradeName,
  ends: { readonly from: string; readonly to: string },
): readonly string[] {
  return (releasesOf(name) ?? []).filter(
    (release) =>
      minorOf(release) !== minorOf(ends.from) &&
      minorOf(release) !== minorOf(ends.to) &&
      compareVersions(release, ends.from) > 0 &&
      compareVersions(release, ends.to) < 0,
  );
}
