import { sh, type ShellText } from '../../shell/text.js';
import type { Report } from '../../modules/support/report.js';
import { keptFolder } from '../kept-folder.js';

/** A container as the engine describes it. */
export interface ContainerState {
  readonly name: string;
  readonly image: string;
  /** The engine's word: running, restarting, exited, created, paused, dead. */
  readonly state: string;
  readonly exitCode: number;
  /** When it came into that state, as the host's clock has it. */
  readonly since?: string;
  /** When it was made, as the host's clock has it. */
  readonly created?: string;
  readonly uptimeSeconds?: number;
  /** The engine's health check: starting, healthy, unhealthy; undefined when it has none. */
  readonly health?: string;
  readonly restarts: number;
  /** The label `runner.component`. */
  readonly component?: string;
}

export type EngineState =
  | {
      readonly kind: 'running';
      readonly version: string;
      readonly uptimeSeconds?: number;
      readonly running: number;
      readonly containers: number;
      readonly liveRestore: boolean;
    }
  | { readonly kind: 'absent' }
  | { readonly kind: 'silent'; readonly reason: string };

export interface Engine {
  readonly engine: EngineState;
  readonly containers: readonly ContainerState[];
  /** Names of containers whose step of a rollout has begun and is not proved. */
  readonly unfinished: readonly string[];
}

const infoFormat =
  '{"version":{{json .ServerVersion}},"running":{{json .ContainersRunning}},"containers":{{json .Containers}},"liveRestore":{{json .LiveRestoreEnabled}}}';

/** One container as a line of JSON. */
export const containerFormat =
  '{"name":{{json .Name}},"image":{{json .Config.Image}},"component":{{json (index .Config.Labels "runner.component")}},' +
  '"created":{{json .Created}},"state":{{json .State.Status}},"exitCode":{{json .State.ExitCode}},"started":{{json .State.StartedAt}},' +
  '"finished":{{json .State.FinishedAt}},"restarts":{{json .RestartCount}},' +
  '"health":{{if .State.Health}}{{json .State.Health.Status}}{{else}}null{{end}}}';

/** Asks the engine for itself, for the containers with the project's label and for those of the given names. */
export function askEngine(names: readonly string[]): ShellText {
  const byName = names.map((name) => sh`timeout 10 docker ps -aq --no-trunc --filter ${`name=^/?${escaped(name)}$`}`);
  const lists = [sh`timeout 10 docker ps -aq --no-trunc --filter label=runner.component`, ...byName];
  return sh`tell clock "$(date +%s)"
for one in ${keptFolder}/*/id; do [ ! -f "$one" ] || { one=\${one%/id}; tell unfinished "\${one##*/}"; }; done
if command -v docker >/dev/null 2>&1; then
  said=$(timeout 10 docker info --format ${infoFormat} 2>/dev/null)
  code=$?
  if [ "$code" = 0 ] && [ -n "$said" ]; then
    tell engine "$said" "$(stat -c %Y /var/run/docker.pid 2>/dev/null)"
    ids=$({ ${lists.flatMap((list, index) => (index === 0 ? [list] : [separator, list]))}; } 2>/dev/null | sort -u)
    [ -z "$ids" ] || tell containers "$(timeout 10 docker inspect --format ${containerFormat} $ids 2>/dev/null)"
  else
    [ "$code" = 124 ] || said=$(timeout 10 docker version 2>&1 >/dev/null)
    tell engine-silent "$said"
  fi
else
  tell engine-absent
fi`;
}

const separator: ShellText = { raw: ';', masked: ';' };

export function parseEngine(report: Report): Engine {
  const clock = Number(report.word('clock') ?? Number.NaN);
  const lines = (report.word('containers') ?? '').split('\n').filter((line) => line.trim() !== '');
  return {
    engine: engineOf(report, clock),
    containers: lines.flatMap((line) => containerOf(line, clock) ?? []),
    unfinished: report.records('unfinished').flatMap(([name]) => name ?? []),
  };
}

function engineOf(report: Report, clock: number): EngineState {
  const [said, startedAt] = report.records('engine')[0] ?? [];
  const info = said === undefined ? undefined : recordIn(said);
  if (typeof info?.['version'] === 'string' && info['version'] !== '') {
    const uptime = clock - Number(startedAt === '' ? Number.NaN : startedAt);
    return {
      kind: 'running',
      version: info['version'],
      ...(uptime >= 0 ? { uptimeSeconds: uptime } : {}),
      running: Number(info['running'] ?? 0),
      containers: Number(info['containers'] ?? 0),
      liveRestore: info['liveRestore'] === true,
    };
  }
  if (report.records('engine-absent').length > 0) return { kind: 'absent' };
  const words = (report.word('engine-silent') ?? '').trim().split('\n').at(-1) ?? '';
  return { kind: 'silent', reason: words === '' ? 'no answer within 10 s' : words };
}

function containerOf(line: string, clock: number): ContainerState | undefined {
  const found = recordIn(line);
  if (typeof found?.['name'] !== 'string') return undefined;
  const textOf = (key: string): string => (typeof found[key] === 'string' ? found[key] : '');
  const state = textOf('state');
  const since = textOf(state === 'running' || state === 'paused' ? 'started' : 'finished');
  const uptime = state === 'running' ? clock - Date.parse(since) / 1000 : Number.NaN;
  return {
    name: found['name'].replace(/^\//, ''),
    image: textOf('image'),
    state,
    exitCode: Number(found['exitCode'] ?? 0),
    // The engine writes the year 1 for what has not been.
    ...(since === '' || since.startsWith('0001-') ? {} : { since }),
    ...(textOf('created') === '' ? {} : { created: textOf('created') }),
    ...(uptime >= 0 ? { uptimeSeconds: Math.floor(uptime) } : {}),
    ...(textOf('health') === '' ? {} : { health: textOf('health') }),
    restarts: Number(found['restarts'] ?? 0),
    ...(textOf('component') === '' ? {} : { component: textOf('component') }),
  };
}

function recordIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

/** For the engine's filter, which is a regular expression; names hold no other sign of one. */
function escaped(name: string): string {
  return name.replaceAll('.', String.raw`\.`);
}
