import { compareVersions, isAtLeast, minorOf, versionOf } from '../version.js';
import { staleFilesHint } from './stale-files.js';

/** Why a server must not go from one version to another, and what to do instead. */
export interface PathProblem {
  readonly message: string;
  readonly hint: string;
}

/**
 * Rules of ZooKeeper's upgrade FAQ and of its guide to dynamic reconfiguration: a rolling upgrade to 3.5 and later starts
 * from the last 3.4. From 3.4.13 to 3.8.0 was measured to lose nothing.
 */
export function zookeeperPathProblem(from: string, to: string): PathProblem | undefined {
  const [running, wanted] = [versionOf(from), versionOf(to)];
  if (running === undefined || wanted === undefined || compareVersions(running, wanted) === 0) return undefined;
  const crosses = !isAtLeast(running, '3.5.0') && isAtLeast(wanted, '3.5.0');
  if (isAtLeast(running, '3.5.0') && !isAtLeast(wanted, '3.5.0')) {
    return {
      message: `it runs ${running}, and there is no way back to ${wanted}: 3.4 does not read all that later versions write`,
      hint: `${staleFilesHint({ variable: 'zookeeper_version', files: wanted, running })}; data of before the upgrade comes back with \`runner restore\``,
    };
  }
  if (compareVersions(wanted, running) < 0 && minorOf(wanted) !== minorOf(running)) {
    return {
      message: `it runs ${running}, which is later than ${wanted}: servers are rolled forward only`,
      hint: `${staleFilesHint({ variable: 'zookeeper_version', files: wanted, running })}; data of before the upgrade comes back with \`runner restore\``,
    };
  }
  if (crosses && !isAtLeast(running, '3.4.6')) {
    return {
      message: `it runs ${running}, which cannot stand beside ${wanted} in one ensemble: 3.4.6 is the least that can`,
      hint: 'first upgrade to 3.4.14: `runner upgrade zookeeper=3.4.14`',
    };
  }
  if (crosses && !isAtLeast(running, '3.4.13')) {
    return {
      message: `it runs ${running}: the way from 3.4 to ${wanted} starts from the last 3.4`,
      hint: 'first upgrade to 3.4.14: `runner upgrade zookeeper=3.4.14`',
    };
  }
  return undefined;
}

/** From here on a server without a snapshot file does not start on a log of transactions (ZOOKEEPER-2325). */
export function needsSnapshot(version: string): boolean {
  return isAtLeast(version, '3.5.4');
}

/**
 * Whether a server of this version, let in once with `snapshot.trust.empty`, writes the missing snapshot as soon as it
 * joins, so that it needs no leave again (ZOOKEEPER-3781; measured with 3.8.0 and 3.9.3). 3.5.6 has the setting but loses
 * the data of a server that runs alone (ZOOKEEPER-3644), versions before it have not, those between write no snapshot.
 */
export function writesMissingSnapshot(version: string): boolean {
  return (
    isAtLeast(version, '3.8.0') ||
    (isAtLeast(version, '3.7.2') && !isAtLeast(version, '3.8.0')) ||
    (isAtLeast(version, '3.6.4') && !isAtLeast(version, '3.7.0'))
  );
}

/** Why a log without a snapshot cannot be taken over by this version; undefined when it can. */
export function youngDataProblem(version: string): PathProblem | undefined {
  if (!needsSnapshot(version) || writesMissingSnapshot(version)) return undefined;
  return {
    message: `its data is a log of transactions without a snapshot, as a young 3.4 leaves it, and ${version} would not start on it, or not again`,
    hint: 'upgrade to 3.8.0 or later, or to 3.6.4 or 3.7.2, which write the missing snapshot when they join',
  };
}
