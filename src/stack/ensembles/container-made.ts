import { sh, type ShellText } from '../../shell/text.js';
import type { Report } from '../../modules/support/report.js';
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

/**
 * Asks the engine for one container only, which is quick enough to be done again and again: how it is, how it was made (a line each),
 * and the last line that one which does not run has written.
 */
export function askContainer(name: string): ShellText {
  return sh`tell clock "$(date +%s)"
if command -v docker >/dev/null 2>&1; then
  if said=$(timeout 10 docker inspect --type container --format ${`${containerFormat}\n${format}`} ${name} 2>&1); then
    tell containers "$said"
    case $said in *'"state":"running"'*) ;; *)
      tell complaint "$(timeout 10 docker logs --tail 20 ${name} 2>&1 | grep -v '^[[:space:]]*$' | tail -n 1 | cut -c 1-500)";;
    esac
  else
    case $said in *'No such'*) tell none ;; *) tell engine-silent "$said" ;; esac
  fi
else
  tell engine-absent
fi`;
}

export function parseContainer(report: Report): { readonly engine: Engine; readonly made: ContainerMade | undefined } {
  const parsed = parseEngine(report);
  const answers = report.records('containers').length > 0 || report.records('none').length > 0;
  // Of an engine that answered nothing more is asked.
  const engine: Engine['engine'] = { kind: 'running', version: '', running: 0, containers: 0, liveRestore: false };
  return { engine: answers ? { ...parsed, engine } : parsed, made: parseMade(report) };
}

function parseMade(report: Report): ContainerMade | undefined {
  const said = report.word('containers')?.split('\n')[1];
  if (said === undefined) return undefined;
  const data = JSON.parse(said) as {
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
