import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fatal } from '../shared/exit.js';
import type { Log } from '../shared/log.js';
import type { ZooKeeper } from '../shared/zookeeper.js';
import { openStore, type Stored } from './store.js';

export interface BackupRequest {
  readonly backup: string | undefined;
  readonly restore: string | undefined;
}

function node(path: string): string {
  return `${path}/state/runtime-configuration`;
}

/** Why a location cannot be used; undefined for `file:///…`, which is all that the stand-in knows (the real one knows s3 too). */
export function unusable(location: string | undefined): string | undefined {
  return location === undefined || location.startsWith('file:///')
    ? undefined
    : `${location}: the lab stand-in backs up to file:///… only`;
}

/** Leaves word for the next leader, as `DELETE /v2/leader?backup=…&restore=…` does from 1.5 on. */
export async function requestBackup(zookeeper: ZooKeeper, path: string, request: BackupRequest): Promise<void> {
  await zookeeper.write(node(path), JSON.stringify(request));
}

/** What a new leader does before it migrates: the backup, then the restore, that were asked for. The file is the stand-in's own JSON. */
export async function runRequested(options: {
  zookeeper: ZooKeeper;
  path: string;
  version: string;
  log: Log;
}): Promise<void> {
  const { zookeeper, path, version, log } = options;
  const asked = await zookeeper.read(node(path));
  if (asked === undefined || asked.length === 0) return;
  const { backup, restore } = JSON.parse(asked.toString()) as BackupRequest;
  const store = openStore(zookeeper, path, version);
  if (backup !== undefined) {
    const file = new URL(backup).pathname;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ storageVersion: await store.storageVersion(), ...(await store.load()) }));
    log(`Backup written to ${file}`);
  }
  if (restore !== undefined) {
    const kept = JSON.parse(readFileSync(new URL(restore).pathname, 'utf8')) as Stored & { storageVersion: string };
    if (kept.storageVersion === undefined) throw new Fatal(`${restore} is no backup of the lab stand-in`);
    await store.clear();
    for (const app of kept.apps) await store.putApp(app);
    for (const task of kept.tasks) await store.putTask(task);
    if (kept.frameworkId !== undefined) await store.putFrameworkId(kept.frameworkId);
    await store.putSubscribers(kept.subscribers);
    await store.putStorageVersion(kept.storageVersion);
    log(`Restored from ${restore}`);
  }
  await zookeeper.remove(node(path));
}
