import { joinShell, sh, shellSource, type ShellText } from '../../shell/text.js';
import { parseReport, tell } from '../../modules/support/report.js';
import type { LookReply } from '../../modules/types.js';
import type { Refusal } from '../../rollout/types.js';
import type { Endpoint, Question } from '../probe/ask.js';
import { httpDelete } from '../probe/http.js';
import { compareVersions, isAtLeast, minorOf } from '../version.js';
import { marathonPathProblem } from '../ensembles/marathon-path.js';

/** From this version on Marathon writes and reads backups of its state itself (docs/backup-restore.md). */
export const ownBackupFrom = '1.5.0';

/** The file's name in a backup. A real Marathon writes a tar. */
export const storeName = 'state.tar.gz';

/** Where Marathon writes or reads it: inside its container, which has a /tmp that a restart keeps. */
export function storePath(id: string): string {
  return `/tmp/runner-marathon-${id}.tar`;
}

/**
 * Has the leader step down; the next one, whichever instance that is, writes a backup of the state or reads one before it
 * leads. Only the leader takes it: a standby hands it on.
 */
export function stepDown(
  key: string,
  call: { readonly endpoint: Endpoint; readonly what: 'backup' | 'restore'; readonly path: string },
): Question {
  const { endpoint, what, path } = call;
  return httpDelete(key, { endpoint, path: `/v2/leader?${what}=${encodeURIComponent(`file://${path}`)}` });
}

/** Looks for the file in an instance's container. */
export function lookForStore(container: string, path: string): ShellText {
  return joinShell([
    tell,
    sh`tell size "$(timeout 20 docker exec -- ${container} sh -c ${`wc -c < '${path}'`} 2>/dev/null)"`,
  ]);
}

/** Its size in bytes; undefined: it is not there. */
export function parseStoreSize(reply: LookReply): number | undefined {
  const size = (parseReport(reply).word('size') ?? '').trim();
  return /^\d+$/.test(size) && size !== '0' ? Number(size) : undefined;
}

/** Copies it out of the container to the host, where nobody but root reads it. */
export function takeOutScript(container: string, path: string): ShellText {
  return joinShell([
    shellSource('set -e; umask 077'),
    sh`docker cp -- ${`${container}:${path}`} ${path} >/dev/null
docker exec -- ${container} rm -f ${path}`,
  ]);
}

/** Unpacks what was sent, proves it, and puts it into the container, where Marathon's user reads it. */
export function putInScript(container: string, file: { readonly path: string; readonly sha256: string }): ShellText {
  const { path, sha256 } = file;
  return joinShell([
    shellSource('set -e; umask 077'),
    sh`gzip -d -f -- ${`${path}.gz`}
if [ "$(sha256sum < ${path} | cut -c 1-64)" != ${sha256} ]; then printf '%s\n' ${`${path} is not what is in the backup`} >&2; rm -f -- ${path}; exit 1; fi
chmod 0644 -- ${path}
docker cp -- ${path} ${`${container}:${path}`} >/dev/null
rm -f -- ${path}`,
  ]);
}

/** Takes it away from the host and out of the container, wherever it is. */
export function forgetScript(container: string, path: string): ShellText {
  return sh`rm -f -- ${path} ${`${path}.gz`}
docker exec -- ${container} rm -f ${path} >/dev/null 2>&1 || true`;
}

/** Why Marathon's state is not replaced by that of a backup. */
export function storeRefusals(
  taken: string | undefined,
  options: {
    /** The version of the Marathon that leads. */
    readonly runs: string | undefined;
    /** Instances whose host or container does not answer. */
    readonly away: readonly { readonly host: string; readonly reason: string }[];
  },
): readonly Refusal[] {
  const { runs, away } = options;
  const absent = away.map(({ host, reason }) => ({
    host,
    message: `${host}: its Marathon cannot be given the backup (${reason}), and it may be the one that leads next`,
    hint: 'bring it back, or take it out with `runner scale-in` first',
  }));
  if (runs === undefined)
    return [{ message: 'no Marathon leads, and only a leader steps down for a restore' }, ...absent];
  if (!isAtLeast(runs, ownBackupFrom))
    return [{ message: `Marathon ${runs} reads no backups: it can from 1.5 on` }, ...absent];
  if (taken === undefined) return absent;
  // Patches of one minor read each other's state.
  if (minorOf(runs) === minorOf(taken)) return absent;
  const problem =
    compareVersions(runs, taken) < 0
      ? `the backup is of Marathon ${taken}, and ${runs} refuses state that is newer than itself`
      : marathonPathProblem(taken, runs);
  if (problem === undefined) return absent;
  return [
    { message: problem, hint: `restore it with Marathon ${taken}, then \`runner upgrade marathon=${runs}\`` },
    ...absent,
  ];
}
