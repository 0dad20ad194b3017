import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../core/diagnostic.js';
import { lookAtConfiguration, parseConfiguration } from '../../stack/backup/configuration.js';
import {
  backupComponents,
  type BackupComponent,
  type BackupFile,
  type BackupManifest,
  manifestName,
  pathPiece,
} from '../../stack/backup/manifest.js';
import { makeFolder } from '../../modules/support/controller-folder.js';
import type { OpenCluster } from '../open-cluster.js';
import { saveBytes } from './fetch.js';
import { takeMarathonStore } from './take-marathon-store.js';
import { takeBamboo, takeMarathon } from './take-state.js';
import { takeZooKeeper } from './take-zookeeper.js';

export interface BackupRequest {
  readonly cluster: OpenCluster;
  /** Undefined: everything the inventory has. */
  readonly components?: readonly BackupComponent[];
  /** A backup is a new folder below this one. */
  readonly to: string;
  /** Has Marathon write a backup of its own too, for which its leader steps down. */
  readonly marathonState?: boolean;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export interface TakenBackup {
  readonly folder: string;
  readonly manifest: BackupManifest;
  /** What the backup should hold and does not: reasons, each a sentence. */
  readonly problems: readonly string[];
}

/** What the parts of a backup are made with. */
export interface Taking {
  readonly cluster: OpenCluster;
  readonly signal: AbortSignal;
  /** Makes the folder of a component's host in the backup; gives its path on the controller and below the backup. */
  folderFor(component: BackupComponent, host: string): { readonly path: string; readonly below: string };
  add(file: BackupFile): void;
  /** A host of which nothing could be fetched. */
  miss(host: string, reason: string): void;
  problem(sentence: string): void;
}

/**
 * Takes a backup: reads from the hosts, changes nothing there (but see `marathonState`). The manifest is written last, so that a folder with one is
 * a whole backup. Hosts that cannot be reached are in the manifest; without ZooKeeper's data, Marathon's apps or Bamboo's
 * services there is a problem. Throws InputError when its folder cannot be made, before anything is read.
 */
export async function takeBackup(request: BackupRequest): Promise<TakenBackup> {
  const { cluster, signal, say } = request;
  const wanted = request.components ?? backupComponents;
  const components = backupComponents.filter(
    (name) => wanted.includes(name) && cluster.members.some(({ component }) => component === name),
  );
  const id = backupId();
  const folder = join(request.to, id);
  makeBackupFolder(request.to, folder);
  const files: BackupFile[] = [];
  const missing = new Map<string, string>();
  const problems: string[] = [];
  const taking: Taking = {
    cluster,
    signal,
    folderFor: (component, host) => {
      const below = `${component}/${pathPiece(host)}`;
      makeFolder(join(folder, below));
      return { path: join(folder, below), below };
    },
    add: (file) => files.push(file),
    miss: (host, reason) => missing.set(host, reason),
    problem: (sentence) => problems.push(sentence),
  };
  await takeConfigurations(taking, components);
  const zookeeper = components.includes('zookeeper') ? await takeZooKeeper(taking) : undefined;
  const told = components.includes('marathon') ? await takeMarathon(taking) : undefined;
  // The others are read first: Bamboo and the masters need not see the election.
  const bamboo = components.includes('bamboo') ? await takeBamboo(taking) : undefined;
  const store =
    told !== undefined && request.marathonState === true ? await takeMarathonStore(taking, { id, say }) : undefined;
  const marathon = told === undefined ? undefined : { ...told, ...(store === undefined ? {} : { store }) };
  for (const [host, reason] of missing) say(`${host}: left out, ${reason}`);
  const manifest: BackupManifest = {
    format: 1,
    id,
    takenAt: new Date().toISOString(),
    takenBy: `${userInfo().username}@${hostname()}`,
    components: [...components],
    ...(zookeeper === undefined ? {} : { zookeeper }),
    ...(marathon === undefined ? {} : { marathon }),
    ...(bamboo === undefined ? {} : { bamboo }),
    missing: [...missing].map(([host, reason]) => ({ host, reason })),
    files: files.toSorted((left, right) => (left.path < right.path ? -1 : 1)),
  };
  await saveBytes(join(folder, manifestName), Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`, 'utf8'));
  return { folder, manifest, problems };
}

function makeBackupFolder(to: string, folder: string): void {
  try {
    makeFolder(to);
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    const message = `the backup cannot be written: ${error instanceof Error ? error.message : String(error)}`;
    const hint = 'run from a folder you may write to, or name one with `--to`';
    throw new InputError([{ severity: 'error', code: 'backup-folder', message, hint }]);
  }
}

/** The rendered files and the containers' descriptions, from all hosts at the same time. */
async function takeConfigurations(taking: Taking, components: readonly BackupComponent[]): Promise<void> {
  const { cluster } = taking;
  const members = cluster.members.filter(
    ({ component, host }) => components.includes(component) && cluster.hosts.includes(host),
  );
  await Promise.all(
    members.map(async (member) => {
      const variables = cluster.variablesOf(member.host);
      try {
        const reply = await cluster.run(member.host, lookAtConfiguration(member, variables));
        for (const found of parseConfiguration(reply, { member, variables })) {
          const { path, below } = taking.folderFor(member.component, member.host);
          const sum = await saveBytes(join(path, found.name), found.bytes);
          const { kind, source } = found;
          taking.add({
            path: `${below}/${found.name}`,
            component: member.component,
            host: member.host,
            kind,
            source,
            ...sum,
          });
        }
      } catch (error) {
        const trouble = cluster.troubleOf(error);
        if (trouble === undefined) throw error;
        taking.miss(member.host, trouble);
      }
    }),
  );
}

/** Sorts by time and is unlike any other's: `20261121-020406-3f9a2c`. */
export function backupId(): string {
  const now = new Date().toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${now}-${randomBytes(3).toString('hex')}`;
}
