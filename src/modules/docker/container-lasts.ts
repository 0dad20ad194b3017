import { assertNever } from '../../core/assert.js';
import { joinShell, sh, shellSource } from '../../shell/text.js';
import type { Confirmation } from '../confirmation.js';
import { bootMark } from '../support/boot-mark.js';
import { decodeOutput } from '../support/command-result.js';
import { parseReport, tell, type Report } from '../support/report.js';
import { ModuleFailure, type HostReader, type Resource } from '../types.js';
import type { ContainerParams } from './container-params.js';
import { tailLines } from './container-logs.js';
import type { ContainerState } from './engine-types.js';
import { describeProblem, engineLook, inspect, parseEngineLook } from './look.js';

/** The resource of a container, by its name. */
export function containerResource(name: string): Resource {
  return `container:${name}`;
}

/** A host that is known to be slow may take so long for one look, in seconds. */
const longestLook = 120;

/** What a started container has yet to prove; undefined when that is not wanted. */
export async function confirmationOf(
  host: HostReader,
  options: { readonly params: ContainerParams; readonly state: ContainerState },
): Promise<Confirmation | undefined> {
  const { params, state } = options;
  if (params.state !== 'started' || params.confirm_after === 0) return undefined;
  const boot = decodeOutput((await host.query(bootMark)).stdout).text.trim();
  return {
    subject: containerResource(params.name),
    after: Math.max(0, params.confirm_after - params.healthy_after),
    memory: {
      id: state.Id ?? params.name,
      started: state.State?.StartedAt ?? '',
      restarts: String(state.RestartCount ?? 0),
      boot,
    },
  };
}

/** What is not as it was left: `restarted` by its restart policy, `down`, or started `anew` by whomever. */
interface Suspicion {
  readonly kind: 'restarted' | 'down' | 'anew';
  readonly reason: string;
}

interface Suspect extends Suspicion {
  readonly confirmation: Confirmation;
}

/**
 * Looks at started containers once more; of those that are not as they were left also at what the engine has noted of
 * them since, and at their last lines. Gives why each that did not last did not. Throws ModuleFailure when the engine
 * does not answer.
 */
export async function lookAtStartedContainers(
  host: HostReader,
  left: readonly Confirmation[],
): Promise<ReadonlyMap<Resource, string>> {
  const keys = left.map((_confirmation, index) => `container-${index}`);
  const questions = left.map(({ memory }, index) =>
    inspect(keys[index] ?? '', { type: 'container', name: memory['id'] ?? '' }),
  );
  const script = joinShell([engineLook(questions), sh`tell boot "$(${bootMark})"`]);
  const { end, stdout, stderr } = await host.query(script, { timeoutSeconds: longestLook });
  const look = parseEngineLook({ code: end.kind === 'code' ? end.code : 1, stdout, stderr }, keys);
  if (look.problem !== undefined) throw new ModuleFailure(describeProblem(look.problem));
  const boot = (look.report.word('boot') ?? '').trim();
  const suspects = left.flatMap((confirmation, index): readonly Suspect[] => {
    // A host that was booted since has ended what ran on it, for whatever reason.
    if (confirmation.memory['boot'] !== boot) return [];
    const suspicion = suspicionOf(look.object(keys[index] ?? '') as ContainerState | undefined, confirmation);
    return suspicion === undefined ? [] : [{ ...suspicion, confirmation }];
  });
  return suspects.length === 0 ? new Map() : judge(suspects, await lookCloser(host, suspects));
}

function suspicionOf(now: ContainerState | undefined, { memory }: Confirmation): Suspicion | undefined {
  if (now === undefined) return { kind: 'down', reason: 'it is gone' };
  const { State: state, RestartCount: restarts = 0 } = now;
  const more = restarts - Number(memory['restarts']);
  const code = state?.ExitCode ?? 0;
  if (state?.Restarting === true)
    return { kind: 'restarted', reason: `it ended with code ${code} and is being restarted` };
  if (state?.Running !== true) {
    const end = code === 0 ? 'it has ended by itself' : `it ended with code ${code}`;
    return { kind: 'down', reason: `${end}${state?.Error ? ` (${state.Error})` : ''}` };
  }
  const times = more === 1 ? 'once' : `${more} times`;
  if (more > 0) return { kind: 'restarted', reason: `the engine has restarted it ${times} since its start` };
  if (state.StartedAt === memory['started']) return undefined;
  return { kind: 'anew', reason: 'it has ended and was started again since' };
}

/** Tells what happened to the containers since their start, and their last lines. */
async function lookCloser(host: HostReader, suspects: readonly Suspect[]): Promise<Report> {
  const script = joinShell([
    tell,
    shellSource(`until=$(($(date +%s) + 1))
look() {
  tell events "$1" "$(docker events --since "$2" --until "$until" --filter "container=$1" --format '{{.Action}} {{index .Actor.Attributes "signal"}}' 2>/dev/null)"
  tell lines "$1" "$(docker logs --tail ${tailLines} "$1" 2>&1)"
}`),
    ...suspects.map(({ confirmation: { memory } }) => sh`look ${memory['id'] ?? ''} ${memory['started'] ?? ''}`),
    shellSource('exit 0'),
  ]);
  const { end, stdout, stderr } = await host.query(script, { timeoutSeconds: longestLook });
  return parseReport({ code: end.kind === 'code' ? end.code : 1, stdout, stderr });
}

function judge(suspects: readonly Suspect[], report: Report): ReadonlyMap<Resource, string> {
  const told = (key: string): ReadonlyMap<string, string> =>
    new Map(report.records(key).map(([id = '', text = '']) => [id, text]));
  const [events, lines] = [told('events'), told('lines')];
  const reasons = new Map<Resource, string>();
  for (const { confirmation, kind, reason } of suspects) {
    const { subject, memory } = confirmation;
    const id = memory['id'] ?? '';
    if (!isFault(kind, events.get(id) ?? '')) continue;
    const said = lines.get(id)?.trim() ?? '';
    const last = said === '' || said.startsWith('Error response from daemon') ? '' : `\nits last lines:\n${said}`;
    reasons.set(subject, `${subject.slice('container:'.length)} did not stay up: ${reason}${last}`);
  }
  return reasons;
}

/**
 * Stopped, killed, removed or started again by somebody is no fault, as with services. An engine that is itself restarted
 * forgets its events and starts again what it may: that is none of the container's.
 */
function isFault(kind: Suspicion['kind'], events: string): boolean {
  const happened = events.split('\n').map((line) => line.trim());
  const isEndedBySomebody = happened.some((event) => /^(?:stop|kill (?:SIG)?(?:INT|KILL|TERM|2|9|15))$/.test(event));
  switch (kind) {
    case 'restarted':
      return true;
    case 'down':
      return !isEndedBySomebody;
    case 'anew':
      return !isEndedBySomebody && happened.includes('die');
    default:
      return assertNever(kind);
  }
}
