import { joinShell, sh, shellSource, type ShellText } from '../../shell/text.js';
import type { DataFolders } from './zookeeper-data.js';

const strict = shellSource('set -e');

/** Where restored data waits beside a server's own, until all servers have it. */
export function stagedFolders(folders: DataFolders, id: string): { readonly data: string; readonly log: string } {
  return { data: `${folders.data}/version-2.restore-${id}`, log: `${folders.log}/version-2.restore-${id}` };
}

/** Makes the folders that the files are sent to, empty. */
export function stageScript(folders: DataFolders, id: string): ShellText {
  const staged = stagedFolders(folders, id);
  return joinShell([
    strict,
    ...[...new Set([staged.data, staged.log])].map(
      (folder) => sh`rm -rf -- ${folder}
mkdir -m 0700 -- ${folder}`,
    ),
  ]);
}

/** Unpacks what was sent, proves every file by its sum, and gives it to the owner of the server's data. */
export function unpackScript(
  files: readonly { readonly path: string; readonly sha256: string }[],
  options: { readonly folders: DataFolders; readonly id: string },
): ShellText {
  const { folders, id } = options;
  const staged = stagedFolders(folders, id);
  return joinShell([
    strict,
    ...files.map(
      ({ path, sha256 }) => sh`gzip -d -f -- ${`${path}.gz`}
if [ "$(sha256sum < ${path} | cut -c 1-64)" != ${sha256} ]; then printf '%s\n' ${`${path} is not what is in the backup`} >&2; exit 1; fi`,
    ),
    sh`chown -R "$(stat -c %u:%g -- ${folders.data})" -- ${[...new Set([staged.data, staged.log])]}
chmod 0755 -- ${[...new Set([staged.data, staged.log])]}`,
  ]);
}

/** Puts the restored data in the place of the present, which is kept beside. Where that is done, nothing happens. */
export function swapScript(folders: DataFolders, id: string): ShellText {
  return exchange(folders, { from: `version-2.restore-${id}`, aside: `version-2.before-restore-${id}` });
}

/** Takes the swap back; what was restored is kept beside for a look at it. Where that is done, nothing happens. */
export function swapBackScript(folders: DataFolders, id: string): ShellText {
  return exchange(folders, { from: `version-2.before-restore-${id}`, aside: `version-2.failed-restore-${id}` });
}

function exchange(folders: DataFolders, { from, aside }: { readonly from: string; readonly aside: string }): ShellText {
  return joinShell([
    strict,
    ...[...new Set([folders.data, folders.log])].map(
      (folder) => sh`if [ -d ${`${folder}/${from}`} ]; then
  if [ -d ${`${folder}/version-2`} ]; then mv -- ${`${folder}/version-2`} ${`${folder}/${aside}`}; fi
  mv -- ${`${folder}/${from}`} ${`${folder}/version-2`}
fi`,
    ),
  ]);
}

export function stopScript(container: string): ShellText {
  return sh`docker stop --time 30 -- ${container} >/dev/null`;
}

export function startScript(container: string): ShellText {
  return sh`docker start -- ${container} >/dev/null`;
}
