import { engineApi } from '../../modules/docker/look.js';
import type { Report } from '../../modules/support/report.js';
import { ModuleFailure } from '../../modules/types.js';
import { sh, type ShellText } from '../../shell/text.js';
import { containerFormat, parseEngine, type Engine } from '../status/containers.js';

/** How a container that is there was made: what decides whether another one may take its place. */
export interface ContainerMade {
  readonly environment: ReadonlyMap<string, string>;
  /** What follows the program on its command line. */
  readonly arguments: readonly string[];
  readonly mounts: readonly Mount[];
}

interface Mount {
  /** The engine's word: bind, volume, tmpfs. */
  readonly type: string;
  readonly source: string;
  readonly destination: string;
}

const format = '{"env":{{json .Config.Env}},"arguments":{{json .Args}},"mounts":{{json .Mounts}}}';

/** What the engine tells of a container over its socket, as far as it is read here. Everything may be missing: a host said it. */
interface Described {
  readonly Name?: string;
  readonly Created?: string;
  readonly RestartCount?: number;
  readonly Args?: readonly string[] | null;
  readonly Mounts?: readonly unknown[] | null;
  readonly Config?: {
    readonly Image?: string;
    readonly Env?: readonly string[] | null;
    readonly Labels?: Readonly<Record<string, string>> | null;
  };
  readonly State?: {
    readonly Status?: string;
    readonly ExitCode?: number;
    readonly StartedAt?: string;
    readonly FinishedAt?: string;
    readonly Health?: { readonly Status?: string } | null;
  };
}

/**
 * Asks the engine for one container only, which is quick enough to be done again and again: how it is, how it was made (a line each),
 * and the last line that one which does not run has written. Over its socket it answers with all it knows, on one line.
 */
export function askContainer(name: string): ShellText {
  return sh`${engineApi}
last_words() { tell complaint "$(timeout 10 docker logs --tail 20 ${name} 2>&1 | grep -v '^[[:space:]]*$' | tail -n 1 | cut -c 1-500)"; }
tell clock "$(date +%s)"
engine_seconds=10
if ! command -v docker >/dev/null 2>&1; then
  tell engine-absent
elif said=$(engine_api ${`/containers/${encodeURIComponent(name)}/json`}); then
  case $said in
    *'
status 404'*) tell none ;;
    *) tell container-itself "$said"
      case $said in *'"Status":"running"'*) ;; *) last_words ;; esac ;;
  esac
else
  if said=$(timeout 10 docker inspect --type container --format ${`${containerFormat}\n${format}`} ${name} 2>&1); then
    tell containers "$said"
    case $said in *'"state":"running"'*) ;; *) last_words ;; esac
  else
    case $said in *'No such'*) tell none ;; *) tell engine-silent "$said" ;; esac
  fi
fi`;
}

export function parseContainer(told: Report): { readonly engine: Engine; readonly made: ContainerMade | undefined } {
  const report = inOurWords(told);
  const parsed = parseEngine(report);
  const answers = report.records('containers').length > 0 || report.records('none').length > 0;
  // Of an engine that answered nothing more is asked.
  const engine: Engine['engine'] = { kind: 'running', version: '', running: 0, containers: 0, liveRestore: false };
  return { engine: answers ? { ...parsed, engine } : parsed, made: parseMade(report) };
}

/** A report in which what came over the engine's socket stands as the command line would have told it. */
function inOurWords(report: Report): Report {
  const said = report.word('container-itself')?.split('\n', 1)[0];
  if (said === undefined) return report;
  const text = linesOf(parseDescribed(said));
  return {
    ...report,
    word: (key) => (key === 'containers' ? text : report.word(key)),
    records: (key) => (key === 'containers' ? [[text]] : report.records(key)),
  };
}

function parseDescribed(said: string): Described {
  return (parseAnswer(said) as Described | null) ?? {};
}

/** What an engine says is data of a host: anything may stand there. */
function parseAnswer(said: string): unknown {
  try {
    return JSON.parse(said);
  } catch {
    throw new ModuleFailure("the engine's answer makes no sense");
  }
}

function linesOf({ Name, Created, RestartCount, Args, Mounts, Config, State }: Described): string {
  const is = {
    name: Name,
    image: Config?.Image,
    component: Config?.Labels?.['runner.component'],
    created: Created,
    state: State?.Status,
    exitCode: State?.ExitCode,
    started: State?.StartedAt,
    finished: State?.FinishedAt,
    restarts: RestartCount,
    health: State?.Health?.Status,
  };
  const made = { env: Config?.Env ?? null, arguments: Args ?? null, mounts: Mounts ?? [] };
  return `${JSON.stringify(is)}\n${JSON.stringify(made)}`;
}

function parseMade(report: Report): ContainerMade | undefined {
  const said = report.word('containers')?.split('\n')[1];
  if (said === undefined) return undefined;
  const data = parseAnswer(said) as {
    readonly env: readonly string[] | null;
    readonly arguments: readonly string[] | null;
    readonly mounts: readonly { readonly Type?: string; readonly Source?: string; readonly Destination?: string }[];
  };
  return {
    environment: new Map(
      (data.env ?? []).map((entry) => [entry.split('=', 1)[0] ?? '', entry.slice(entry.indexOf('=') + 1)]),
    ),
    arguments: data.arguments ?? [],
    mounts: data.mounts.map(({ Type = '', Source = '', Destination = '' }) => ({
      type: Type,
      source: Source,
      destination: Destination,
    })),
  };
}

/** A flag of a Mesos program as its container gives it; the command line beats the environment. */
export function mesosFlag(made: ContainerMade | undefined, name: string): string | undefined {
  const argument = made?.arguments.find((word) => word.startsWith(`--${name}=`));
  return argument?.slice(name.length + 3) ?? made?.environment.get(`MESOS_${name.toUpperCase()}`);
}

/** The folder of the host that a path of the container lies in; undefined: in none, so it goes with the container. */
export function hostFolder(made: ContainerMade, path: string): string | undefined {
  const [nearest] = made.mounts
    .filter(({ type, destination }) => type === 'bind' && (path === destination || path.startsWith(`${destination}/`)))
    .toSorted((left, right) => right.destination.length - left.destination.length);
  return nearest === undefined ? undefined : nearest.source + path.slice(nearest.destination.length);
}
