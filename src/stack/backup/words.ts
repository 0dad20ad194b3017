import { counted } from '../status/words.js';
import type { BackupManifest } from './manifest.js';

/** What is in a backup, a line for each thing. */
export function backupWords(manifest: BackupManifest): readonly string[] {
  const { zookeeper, marathon, bamboo, files } = manifest;
  const lines: string[] = [];
  if (zookeeper !== undefined) {
    const { from, role, znodes, ephemerals, version } = zookeeper;
    const data = files.filter(({ kind }) => kind === 'snapshot' || kind === 'log');
    const snapshots = data.filter(({ kind }) => kind === 'snapshot').length;
    const lasting = ephemerals === undefined ? '' : ` (${ephemerals} of them only while a client is connected)`;
    lines.push(
      `ZooKeeper ${version ?? ''}: ${counted(znodes, 'znode')}${lasting} from ${from}, a ${role}: ` +
        `${counted(snapshots, 'snapshot')}, ${counted(data.length - snapshots, 'log')}, ${megabytes(data)}`,
    );
  }
  if (marathon !== undefined)
    lines.push(
      `Marathon ${marathon.version ?? ''}: ${counted(marathon.apps, 'app')} as JSON${marathon.store === undefined ? '' : `, and its whole state as it wrote it itself on ${marathon.store.from}`}`,
    );
  if (bamboo !== undefined) lines.push(`Bamboo: ${counted(bamboo.services, 'service')} as JSON`);
  const rendered = files.filter(({ kind }) => kind === 'configuration' || kind === 'identity');
  const hosts = new Set(files.map(({ host }) => host));
  lines.push(`Configuration: ${counted(rendered.length, 'rendered file')} of ${counted(hosts.size, 'host')}`);
  return lines;
}

function megabytes(files: readonly { readonly size: number }[]): string {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
