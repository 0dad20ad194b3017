import { joinShell, sh, shellSource, type ShellText } from '../../shell/text.js';
import { parseReport, tell } from '../../modules/support/report.js';
import type { LookReply } from '../../modules/types.js';
import { askStaleSockets } from '../lifecycle/stale-sockets.js';
import type { Member } from '../status/types.js';

/** A file system that something of the cluster lives on. */
export interface FileSystem {
  readonly mount: string;
  /** 0 to 100; undefined where the file system does not count. */
  readonly usedPercent?: number;
  readonly inodesUsedPercent?: number;
  readonly freeKilobytes: number;
}

/** What a host tells of itself. */
export interface Machine {
  /** Its clock, in seconds since 1970. */
  readonly clockSeconds: number;
  /** Whether its clock is kept right; undefined where nothing tells. */
  readonly clockSynced?: boolean;
  /** Whether Docker starts at boot; undefined where systemd does not tell. */
  readonly dockerEnabled?: boolean;
  readonly fileSystems: readonly FileSystem[];
  /** Every container there is, whoever made it. */
  readonly containerNames: readonly string[];
  /** Containers that hold a socket of the engine which is no more. */
  readonly staleSockets: readonly string[];
  /** The end of the log of members' containers that do not run, or not for long, by container. */
  readonly lastWords: ReadonlyMap<string, string>;
  /** Programs that listen on TCP, by port, as `ss` names them. */
  readonly listening: ReadonlyMap<number, string>;
  /** Bamboo's configuration as its container has it. */
  readonly bambooConfig?: string;
}

/** What is asked of a host beside its status. It only reads. The clock of a container is its machine's to keep. */
export function machineScript(members: readonly Member[]): ShellText {
  return joinShell([
    tell,
    shellSource(`tell clock "$(date +%s)"
systemd-detect-virt --container --quiet 2>/dev/null || tell synced "$(timedatectl show -p NTPSynchronized --value 2>/dev/null)"
tell enabled "$(systemctl is-enabled docker 2>/dev/null)"
tell listening "$(ss -ltnpH 2>/dev/null)"
paths='/ /tmp'
last_words() {
  state=$(timeout 10 docker inspect --type container --format '{{.State.Status}} {{.RestartCount}}' "$1" 2>/dev/null) || return 0
  [ "$state" = 'running 0' ] || tell words "$1" "$(timeout 10 docker logs --tail 60 "$1" 2>&1 | tail -c 4000)"
}
if command -v docker >/dev/null 2>&1; then
  tell names "$(timeout 10 docker ps --all --format '{{.Names}}' 2>/dev/null)"
  paths="$paths $(timeout 10 docker info --format '{{.DockerRootDir}}' 2>/dev/null)"
  ids=$(timeout 10 docker ps -aq --filter label=runner.component 2>/dev/null)
  [ -z "$ids" ] || paths="$paths $(timeout 10 docker inspect --format '{{range .Mounts}}{{println .Source}}{{end}}' $ids 2>/dev/null)"`),
    ...members.map(({ container }) => sh`  last_words ${container}`),
    askStaleSockets,
    ...members
      .filter(({ component }) => component === 'bamboo')
      .map(
        ({ container }) =>
          sh`  tell bamboo "$(timeout 10 docker exec ${container} sh -c 'cat "$CONFIG_PATH"' 2>/dev/null)"`,
      ),
    // Without the quotes every path is a word; paths of mounts hold no blanks, or df says it does not know them.
    shellSource(`fi
tell blocks "$(df -P -k $paths 2>/dev/null | sort -u)"
tell inodes "$(df -P -i $paths 2>/dev/null | sort -u)"`),
  ]);
}

/** Throws ModuleFailure when the script itself failed. */
export function parseMachine(reply: LookReply): Machine {
  const report = parseReport(reply);
  const words = (key: string): string => (report.word(key) ?? '').trim();
  const bambooConfig = words('bamboo');
  return {
    clockSeconds: Number(words('clock')),
    ...(words('synced') === '' ? {} : { clockSynced: words('synced') === 'yes' }),
    ...(words('enabled') === '' ? {} : { dockerEnabled: words('enabled') !== 'disabled' }),
    fileSystems: fileSystemsIn(words('blocks'), words('inodes')),
    containerNames: linesIn(words('names')),
    staleSockets: linesIn(words('stale')),
    lastWords: new Map(report.records('words').map(([name = '', text = '']) => [name, text])),
    listening: listeningIn(words('listening')),
    ...(bambooConfig === '' ? {} : { bambooConfig }),
  };
}

function linesIn(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

function fileSystemsIn(blocks: string, inodes: string): readonly FileSystem[] {
  const usedInodes = new Map(rowsOf(inodes).map(({ mount, percent }) => [mount, percent]));
  return rowsOf(blocks).map(({ mount, percent, free }) => {
    const inodesUsedPercent = usedInodes.get(mount);
    return {
      mount,
      freeKilobytes: free,
      ...(percent === undefined ? {} : { usedPercent: percent }),
      ...(inodesUsedPercent === undefined ? {} : { inodesUsedPercent }),
    };
  });
}

/** Lines of `df -P`: name, size, used, free, "71%" or "-", where it is mounted. */
function rowsOf(
  text: string,
): readonly { readonly mount: string; readonly free: number; readonly percent: number | undefined }[] {
  const rows = text.split('\n').flatMap((line) => {
    const match = /^\S+\s+\S+\s+\S+\s+(\d+|-)\s+(\d+%|-)\s+(\/.*)$/.exec(line);
    if (match === null) return [];
    const [, free = '0', percent = '-', mount = ''] = match;
    return [{ mount, free: Number(free), percent: percent === '-' ? undefined : Number.parseInt(percent, 10) }];
  });
  return [...new Map(rows.map((row) => [row.mount, row])).values()];
}

/** Lines of `ss -ltnpH`: state, two queues, the address, the peer's, and `users:(("java",pid=41,fd=3))` for root. */
function listeningIn(text: string): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const line of text.split('\n')) {
    const match = /^\S+\s+\S+\s+\S+\s+\S*:(\d+)\s/.exec(line);
    if (match?.[1] === undefined) continue;
    const users = /users:\(\("([^"]*)",pid=(\d+)/.exec(line);
    found.set(Number(match[1]), users === null ? '' : `${users[1]} (pid ${users[2]})`);
  }
  return found;
}
