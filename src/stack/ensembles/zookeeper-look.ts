import { parseReport, type Report } from '../../modules/support/report.js';
import { ModuleFailure, type LookReply } from '../../modules/types.js';
import { engineApi } from '../../modules/docker/look.js';
import { joinShell, sh, shellSource, type ShellText } from '../../shell/text.js';
import { askAll, parseAnswers, type Endpoint } from '../probe/ask.js';
import { askMonitor, askServer, parseMonitor, parseServer, type ZooKeeperState } from '../zookeeper/server-state.js';
import { tellKept } from './kept-container.js';
import { parseZooConfig, type ZooConfig } from './zookeeper-config.js';

/** A folder of the host, or a volume, inside a container. */
export interface Mount {
  readonly type: string;
  readonly source: string;
  readonly destination: string;
}

/** What one host tells of its server. */
export interface ZooKeeperSeen {
  readonly state: ZooKeeperState;
  /** Numbers that only the leader tells; empty where `mntr` is not allowed. */
  readonly monitor: ReadonlyMap<string, number>;
  readonly readOnly: boolean;
  /** Undefined: there is none of that name. */
  readonly container?: {
    readonly status: string;
    readonly exitCode: number;
    readonly image: string;
    readonly mounts: readonly Mount[];
  };
  /** What a running server was started with; of one that does not run, what it would start with. */
  readonly config?: ZooConfig;
  /** Its data folder: whole snapshots, logs of transactions, and the id in it. */
  readonly data?: { readonly snapshots: number; readonly logs: number; readonly myid: string };
  /** A step that was cut off has kept the program of before. */
  readonly unfinished: boolean;
  /** The last complaint in the log of a container that does not serve. */
  readonly complaint?: string;
}

/** Where the images keep zoo.cfg; a server that rewrites it has a folder of its own, and the image's is not read. */
const configPaths = [
  '/reconfig/zoo.cfg',
  '/conf/zoo.cfg',
  '/opt/zookeeper/conf/zoo.cfg',
  '/etc/zookeeper/conf/zoo.cfg',
];

const containerFormat =
  '{{.State.Pid}} {"status":{{json .State.Status}},"exitCode":{{.State.ExitCode}},"image":{{json .Config.Image}},"mounts":{{json .Mounts}}}';

/** A running server's files are read as it sees them, under /proc, whatever was put in their place on the host since. */
const filesOf =
  shellSource(`sized() { n=0; for each in "$@"; do [ ! -s "$each" ] || n=$((n + 1)); done; printf %s "$n"; }
read_settings() {
  dynamic= data= logs= back=$(printf '\\r')
  while IFS= read -r line; do
    case $line in *=*) key=\${line%%=*}; value=\${line#*=} ;; *) continue ;; esac
    key=\${key#"\${key%%[![:space:]]*}"}; key=\${key%"\${key##*[![:space:]]}"}
    value=\${value#"\${value%%[![:space:]]*}"}; value=\${value%"$back"}
    case $key in dynamicConfigFile) dynamic=$value ;; dataDir) data=$value ;; dataLogDir) logs=$value ;; esac
  done <<END
$1
END
}
tell_files() {
  [ -f "$2" ] || return 1
  config=$(cat -- "$2")
  read_settings "$config"
  # It lies beside, whatever the container calls that folder.
  if [ -n "$dynamic" ]; then
    config="$config
$(cat -- "\${2%/*}/\${dynamic##*/}" 2>/dev/null)"
    read_settings "$config"
  fi
  tell config "$config"
}
tell_data() { tell data "$(sized "$1"/version-2/snapshot.*)" "$(sized "$1"/version-2/log.* "$2"/version-2/log.*)" "$(cat -- "$1/myid" 2>/dev/null)"; }`);

/** What is asked on a member's host. `directory` is the folder of the host that the inventory wants its files in. */
export function zookeeperLook(options: {
  readonly endpoint: Endpoint;
  readonly container: string;
  readonly directory: string;
}): ShellText {
  const { endpoint, container, directory } = options;
  return joinShell([
    askAll([askServer('srvr', endpoint), askMonitor('mntr', endpoint), { key: 'isro', endpoint, request: 'isro' }]),
    engineApi,
    filesOf,
    sh`name=${container}
directory=${directory}
pid=0
shown=
engine_seconds=10
if ! command -v docker >/dev/null 2>&1; then :
elif shown=$(engine_api ${`/containers/${encodeURIComponent(container)}/json`}); then
  # Within a text of the JSON the quotes would have backslashes before them.
  case $shown in
    *'
status 200') pid=\${shown#*'"Pid":'}; pid=\${pid%%[!0-9]*}; tell container-itself "$shown" ;;
    *) shown= ;;
  esac
elif shown=$(timeout 10 docker inspect --type container --format ${containerFormat} "$name" 2>/dev/null); then
  pid=\${shown%% *}
  tell container "\${shown#* }"
fi
if [ "\${pid:-0}" -gt 0 ]; then
  root=/proc/$pid/root
  for path in ${configPaths}; do
    if tell_files "$root" "$root$path"; then
      tell_data "$root$data" "$root\${logs:-$data}"
      break
    fi
  done
elif [ -d "$directory/data" ]; then
  tell_files '' "$directory/reconfig/zoo.cfg" || tell_files '' "$directory/conf/zoo.cfg"
  tell_data "$directory/data" "$directory/datalog"
fi
case $shown in
  '' | *'"status":"running"'* | *'"Status":"running"'*) ;;
  *) tell complaint "$(timeout 10 docker logs --tail 60 "$name" 2>&1 | grep -E 'Exception|ERROR|rror:' | tail -n 1)";;
esac`,
    tellKept(container),
  ]);
}

/** What it answered. Throws ModuleFailure for an answer that makes no sense. */
export function parseZooKeeperLook(reply: LookReply): ZooKeeperSeen {
  const report = parseReport(reply);
  const answers = parseAnswers(reply);
  const readOnly = answers.get('isro');
  const container = containerIn(report);
  const config = report.word('config');
  const data = dataIn(report);
  const complaint = report.word('complaint')?.trim();
  return {
    state: parseServer(answers.get('srvr')),
    monitor: parseMonitor(answers.get('mntr')),
    unfinished: report.records('kept').length > 0,
    readOnly: readOnly?.kind === 'answer' && readOnly.text.trim() === 'ro',
    ...(container === undefined ? {} : { container }),
    ...(config === undefined ? {} : { config: parseZooConfig(config) }),
    ...(data === undefined ? {} : { data }),
    ...(complaint === undefined || complaint === '' ? {} : { complaint }),
  };
}

interface SaidMount {
  readonly Type?: string;
  readonly Source?: string;
  readonly Destination?: string;
}

/** What the command line was asked to print, or all that the engine itself says of a container. Everything may be missing: a host said it. */
interface SaidContainer {
  readonly status?: string;
  readonly exitCode?: number;
  readonly image?: string;
  readonly mounts?: readonly SaidMount[] | null;
  readonly State?: { readonly Status?: string; readonly ExitCode?: number };
  readonly Config?: { readonly Image?: string };
  readonly Mounts?: readonly SaidMount[] | null;
}

function containerIn(report: Report): ZooKeeperSeen['container'] {
  const text = report.word('container') ?? report.word('container-itself')?.split('\n')[0];
  if (text === undefined) return undefined;
  const { State, Config, Mounts, ...said } = parseContainer(text);
  const mounts = (said.mounts ?? Mounts ?? []).map(
    ({ Type: type = '', Source: source = '', Destination: destination = '' }) => ({ type, source, destination }),
  );
  return {
    status: said.status ?? State?.Status ?? '',
    exitCode: said.exitCode ?? State?.ExitCode ?? 0,
    image: said.image ?? Config?.Image ?? '',
    mounts,
  };
}

function parseContainer(text: string): SaidContainer {
  try {
    return JSON.parse(text) as SaidContainer;
  } catch (error) {
    if (error instanceof SyntaxError) throw new ModuleFailure("the engine's answer makes no sense");
    throw error;
  }
}

function dataIn(report: Report): ZooKeeperSeen['data'] {
  const [snapshots, logs, myid] = report.records('data')[0] ?? [];
  if (snapshots === undefined) return undefined;
  return { snapshots: Number(snapshots), logs: Number(logs), myid: (myid ?? '').trim() };
}
