import { joinShell, sh, type ShellText } from '../../shell/text.js';
import { parseReport, tell } from '../../modules/support/report.js';
import type { LookReply } from '../../modules/types.js';

/** Where a server keeps its data on the host: snapshots and myid in one folder, the transaction log in another (or the same). */
export interface DataFolders {
  readonly data: string;
  readonly log: string;
  readonly config: string;
  /** The zoo.cfg that the server rewrites itself, where reconfig is on. */
  readonly ownConfig: string;
}

/** The folders of the role `zookeeper`. */
export function dataFolders(directory: string): DataFolders {
  return {
    data: `${directory}/data`,
    log: `${directory}/datalog`,
    config: `${directory}/conf/zoo.cfg`,
    ownConfig: `${directory}/reconfig/zoo.cfg`,
  };
}

/** A snapshot or a piece of the transaction log; the number in its name is a zxid. */
export interface DataFile {
  readonly name: string;
  readonly zxid: bigint;
  readonly size: number;
}

export interface FoundData {
  readonly snapshots: readonly DataFile[];
  readonly logs: readonly DataFile[];
  readonly myid: number | undefined;
  /** zoo.cfg as it is on the host; undefined when there is none. */
  readonly config: string | undefined;
}

/** Lists the data of a server and reads its identity; reads only. */
export function lookAtData(folders: DataFolders): ShellText {
  const list = (key: string, folder: string): ShellText => sh`
if cd -- ${`${folder}/version-2`} 2>/dev/null; then
  for f in ${{ raw: `${key}.*`, masked: `${key}.*` }}; do
    if [ -f "$f" ] && [ ! -L "$f" ]; then tell ${key} "$f" "$(wc -c < "$f")"; fi
  done
fi`;
  return joinShell([
    tell,
    list('snapshot', folders.data),
    list('log', folders.log),
    sh`if [ -f ${`${folders.data}/myid`} ]; then tell myid "$(head -c 64 -- ${`${folders.data}/myid`})"; fi
own=${folders.ownConfig}
if [ -f "$own" ]; then
  beside=$(sed -n 's/^dynamicConfigFile=//p' "$own" | tail -n 1)
  tell config "$(head -c 262144 -- "$own")
$(head -c 262144 -- "\${own%/*}/\${beside##*/}" 2>/dev/null)"
elif [ -f ${folders.config} ]; then tell config "$(head -c 262144 -- ${folders.config})"; fi`,
  ]);
}

export function parseData(reply: LookReply): FoundData {
  const report = parseReport(reply);
  const files = (key: string): readonly DataFile[] =>
    report.records(key).flatMap(([name = '', size = '']) => {
      // The host's names are data: what is not exactly a snapshot or a log is passed over.
      const digits = new RegExp(`^${key}\\.([0-9a-f]{1,16})$`).exec(name)?.[1];
      return digits === undefined ? [] : [{ name, zxid: BigInt(`0x${digits}`), size: Number(size) }];
    });
  const myid = report.word('myid')?.trim() ?? '';
  return {
    snapshots: files('snapshot'),
    logs: files('log'),
    myid: /^\d{1,3}$/.test(myid) ? Number(myid) : undefined,
    config: report.word('config'),
  };
}

/** How many snapshots are taken: the newest may be half written at that moment, and a server passes over one that is. */
const snapshotsTaken = 2;

/**
 * What belongs to a consistent copy: the newest snapshots, and the log from the transaction of the oldest of them on. The
 * log that begins before a snapshot holds transactions after it. Snapshots come first: what is logged while they are
 * copied is in the logs copied after them.
 */
export function filesToCopy(found: FoundData): {
  readonly snapshots: readonly DataFile[];
  readonly logs: readonly DataFile[];
} {
  const snapshots = found.snapshots.toSorted(byZxid).slice(-snapshotsTaken);
  const logs = found.logs.toSorted(byZxid);
  const from = snapshots[0]?.zxid;
  if (from === undefined) return { snapshots, logs };
  const before = logs.findLast(({ zxid }) => zxid <= from);
  return { snapshots, logs: logs.filter((log) => log === before || log.zxid > from) };
}

function byZxid(left: DataFile, right: DataFile): number {
  return left.zxid < right.zxid ? -1 : left.zxid > right.zxid ? 1 : 0;
}
