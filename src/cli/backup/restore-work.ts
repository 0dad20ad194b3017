import { ModuleFailure } from '../../modules/types.js';
import type { ShellText } from '../../shell/text.js';
import type { BackupFile } from '../../stack/backup/manifest.js';
import type { Member } from '../../stack/status/types.js';
import type { OpenCluster } from '../open-cluster.js';
import type { ReadBackup } from './read-backup.js';

/** A restore under way. */
export interface RestoreWork {
  readonly cluster: OpenCluster;
  readonly backup: ReadBackup;
  /** Ends the names of what is kept beside. */
  readonly stamp: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** Writes a file of the backup to a member's host as it is kept, packed, to `path` with `.gz` behind it. Throws ModuleFailure. */
export async function sendPacked(
  { cluster, backup, signal }: RestoreWork,
  what: { readonly member: Member; readonly file: BackupFile; readonly path: string },
): Promise<void> {
  const { member, file, path } = what;
  const { session, become } = await cluster.reach(member.host);
  const written = await session.write({
    path: `${path}.gz`,
    source: { kind: 'file', path: backup.pathOf(file), size: file.size, sha256: file.sha256 },
    mode: '0600',
    signal,
    ...(become === undefined ? {} : { become }),
  });
  if (written.kind !== 'written') throw new ModuleFailure(`on ${member.host}: ${path}: ${written.message}`);
}

/** Runs a script on a member's host. Throws ModuleFailure with what it said when it does not succeed. */
export async function runOn(
  { cluster }: RestoreWork,
  what: { readonly member: Member; readonly script: ShellText; readonly timeoutSeconds: number },
): Promise<void> {
  const { member, script, timeoutSeconds } = what;
  const { code, stderr } = await cluster.run(member.host, script, { timeoutSeconds });
  if (code !== 0) throw new ModuleFailure(`on ${member.host}: ${stderr.toString('utf8').trim()}`);
}
