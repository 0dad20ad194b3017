import { sh, type ShellText } from '../../shell/text.js';
import type { Report } from '../../modules/support/report.js';

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

const format =
  '{"running":{{if .State.Restarting}}false{{else}}{{json .State.Running}}{{end}},"env":{{json .Config.Env}},"arguments":{{json .Args}},"mounts":{{json .Mounts}}}';

/** Tells how a container was made, and the last line that one which does not run has written; nothing when there is none. */
export function askMade(container: string): ShellText {
  return sh`if command -v docker >/dev/null 2>&1; then
  said=$(timeout 10 docker inspect --type container --format ${format} ${container} 2>/dev/null)
  tell made "$said"
  case $said in *'"running":true'*|'') ;; *)
    tell complaint "$(timeout 10 docker logs --tail 20 ${container} 2>&1 | grep -v '^[[:space:]]*$' | tail -n 1 | cut -c 1-500)";;
  esac
fi`;
}

export function parseMade(report: Report): ContainerMade | undefined {
  const said = (report.word('made') ?? '').trim();
  if (said === '') return undefined;
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
