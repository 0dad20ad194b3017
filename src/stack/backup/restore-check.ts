import type { Refusal } from '../../rollout/types.js';
import { listed } from '../status/words.js';
import { versionOf } from '../version.js';
import type { BackupManifest } from './manifest.js';

/** A server that would get the backup's data. */
export interface RestoreTarget {
  readonly host: string;
  /** Whether its container is there, running or not. */
  readonly present: boolean;
  readonly reachable: boolean;
  readonly said: string;
  /** What runs, else what the inventory wants. */
  readonly version: string | undefined;
}

/** Why ZooKeeper's data is not put back; `force` takes another size and another version. */
export function restoreRefusals(
  manifest: BackupManifest,
  options: { readonly targets: readonly RestoreTarget[]; readonly force: boolean },
): readonly Refusal[] {
  const { targets, force } = options;
  const { zookeeper, files } = manifest;
  if (zookeeper === undefined) return [{ message: 'the backup has no data of ZooKeeper' }];
  const absent = targets.filter(({ present, reachable }) => !present || !reachable);
  return [
    ...absent.map(({ host, reachable, said }) => ({
      host,
      message: reachable
        ? `there is no ZooKeeper on ${host} to put data into`
        : `${host} cannot be asked (${said}): with its present data it would bring back what was restored away`,
      hint: reachable ? '`runner apply` makes it first' : 'bring it back, or take it out with `runner replace` first',
    })),
    ...(files.some(({ component, kind }) => component === 'zookeeper' && kind === 'snapshot') ? [] : logsOnly(targets)),
    ...(force ? [] : otherShape(zookeeper, targets)),
  ];
}

/** A server from 3.5 on does not start on a log without a snapshot (ZOOKEEPER-3056). */
function logsOnly(targets: readonly RestoreTarget[]): readonly Refusal[] {
  const strict = targets.filter(({ version }) => !(versionOf(version) ?? '').startsWith('3.4.'));
  if (strict.length === 0) return [];
  return [
    {
      message: `the backup has logs and no snapshot (a young 3.4), which ${listed(strict.map(({ host, version }) => `${host} (${version ?? 'version unknown'})`))} would not start on`,
      hint: 'restore it onto 3.4',
    },
  ];
}

function otherShape(
  zookeeper: NonNullable<BackupManifest['zookeeper']>,
  targets: readonly RestoreTarget[],
): readonly Refusal[] {
  const then = zookeeper.members.length;
  const minor = (version: string | undefined): string | undefined =>
    versionOf(version)?.split('.').slice(0, 2).join('.');
  const taken = minor(zookeeper.version);
  const others = targets.filter(({ version }) => {
    const now = minor(version);
    return now !== undefined && taken !== undefined && now !== taken;
  });
  return [
    ...(targets.length === then
      ? []
      : [
          {
            message: `the backup is of an ensemble of ${then}, and this one has ${targets.length} servers`,
            hint: 'is it the right inventory? `--force` restores it all the same: every server gets the same data',
          },
        ]),
    ...(others.length === 0
      ? []
      : [
          {
            message: `the backup is of ZooKeeper ${zookeeper.version ?? ''}, and ${listed(others.map(({ host, version }) => `${host} runs ${version ?? ''}`))}: data of one minor version is only safe with the same`,
            hint: 'restore onto the version it was taken from, then `runner upgrade`; `--force` tries it all the same',
          },
        ]),
  ];
}

/** Lasting znodes: those that are not gone with their client's session. */
export function lastingZnodes(count: { readonly znodes: number; readonly ephemerals?: number | undefined }): number {
  return count.znodes - (count.ephemerals ?? 0);
}
