import { Fatal } from '../shared/exit.js';
import type { Log } from '../shared/log.js';
import { atLeast, compareVersions, minorOf } from '../shared/version.js';
import type { ZooKeeper } from '../shared/zookeeper.js';
import { openStore } from './store.js';

/** The oldest state that each Marathon can migrate: 1.5 only from 1.4, 1.8 only from 1.6 and 1.7. */
function oldestSupported(version: string): string {
  if (atLeast(version, '1.8.0')) return '1.6.0';
  if (atLeast(version, '1.5.0')) return '1.4.0';
  return '0.8.0';
}

/**
 * What a newly elected leader does first: brings the state in ZooKeeper to its own version. Throws a Fatal when the state is too old, or (from
 * 1.3.8 on) newer than the program. It is never migrated back.
 */
export async function migrate(options: {
  zookeeper: ZooKeeper;
  path: string;
  version: string;
  log: Log;
}): Promise<void> {
  const { zookeeper, path, version, log } = options;
  const store = openStore(zookeeper, path, version);
  const found = await store.storageVersion();
  const order = found === undefined ? 0 : compareVersions(minorOf(found), minorOf(version));
  if (found !== undefined && order > 0 && atLeast(version, '1.3.8')) {
    throw new Fatal(
      `Migration from versions > ${version} is not supported. Your version: ${found}`,
      atLeast(version, '1.7.0') ? 107 : 1,
    );
  }
  if (found !== undefined && !atLeast(found, oldestSupported(version))) {
    throw new Fatal(
      `Migration from versions < ${oldestSupported(version)} is not supported. Your version: ${found}`,
      atLeast(version, '1.7.0') ? 107 : 1,
    );
  }
  if (found !== undefined && order < 0) {
    log(`Migration successfully started: storage version ${found} -> ${version}`);
    if (!atLeast(found, '1.4.0') && atLeast(version, '1.4.0')) {
      const old = openStore(zookeeper, path, found);
      const stored = await old.load();
      for (const app of stored.apps) await store.putApp(app);
      for (const task of stored.tasks) await store.putTask(task);
      if (stored.frameworkId !== undefined) await store.putFrameworkId(stored.frameworkId);
      await store.putSubscribers(stored.subscribers);
      await old.clear();
    }
    log('Migration successfully finished');
  }
  if (order <= 0) await store.putStorageVersion(version);
}
