import { joinShell, sh, shellSource, type ShellText } from '../../shell/text.js';
import { parseReport, tell, type Report } from '../support/report.js';
import type { Comparison, LookReply, Promised } from '../types.js';

/** What stands between us and the engine of a host; undefined when it answers. */
export type EngineProblem = { readonly kind: 'no-cli' } | { readonly kind: 'no-engine'; readonly message: string };

/** A look's answer about the engine's objects: each by its key, as the engine's JSON, undefined when it is not there. */
export interface EngineReport {
  readonly problem: EngineProblem | undefined;
  readonly report: Report;
  object(key: string): unknown;
}

/** One question to the engine: how its API is asked, and how its command line is. */
export interface EngineQuestion {
  readonly key: string;
  /** Below the engine's address: "/version". */
  readonly path: string;
  /** Behind `docker`; prints the same as JSON. */
  readonly words: readonly string[];
}

/**
 * `engine_api PATH…` asks the engine itself, all at once: for each a line with its JSON and one with its status. It takes
 * a tenth of what starting the command line for each takes, and fails where only that knows the way: without curl, with
 * another engine in its settings, and for every answer but "here it is" and "there is none".
 */
export const engineApi: ShellText = shellSource(`engine_api() {
  case \${DOCKER_HOST-} in
    '') socket=/var/run/docker.sock; [ ! -e "\${DOCKER_CONFIG:-\${HOME-}/.docker}/contexts" ] || return 1;;
    unix://*) socket=\${DOCKER_HOST#unix://};;
    *) return 1;;
  esac
  [ -z "\${DOCKER_CONTEXT-}" ] && [ -S "$socket" ] && command -v curl >/dev/null 2>&1 || return 1
  for path in "$@"; do shift; set -- "$@" "http://engine$path"; done
  said=$(curl -qgs --noproxy '*' --max-time "\${engine_seconds:-60}" --unix-socket "$socket" -w '\\nstatus %{http_code}\\n' "$@" 2>/dev/null) || return 1
  case $said in
    *'
status '[!24]* | *'
status '2[!0]* | *'
status 4[!0]'* | *'
status 40'[!4]*) return 1;;
  esac
  printf %s "$said"
}`);

/**
 * `ask KEY COMMAND…` tells what the command printed, or the words it failed with. Nothing is asked of an engine whose
 * command line is not there.
 */
const askFunction = shellSource(`ask() {
  key=$1; shift
  if out=$("$@" 2>/dev/null); then tell "$key" "$out"; else tell "failed-$key" "$("$@" 2>&1 >/dev/null)"; fi
}`);

/** Wraps questions into one look. */
export function engineLook(questions: readonly EngineQuestion[]): ShellText {
  const paths = questions.map(({ path }) => path);
  const keys = questions.map(({ key }) => key);
  return joinShell([
    tell,
    engineApi,
    askFunction,
    sh`if command -v docker >/dev/null 2>&1; then
if answers=$(engine_api ${paths}); then tell api "$answers" ${keys}
else`,
    ...questions.map(({ key, words }) => sh`ask ${key} docker ${words}`),
    shellSource('fi\nelse tell no-cli; fi'),
  ]);
}

/** Asks for one object as JSON. */
export function inspect(
  key: string,
  what: { readonly type: 'container' | 'image' | 'network' | 'volume'; readonly name: string },
): EngineQuestion {
  const { type, name } = what;
  const path = name.split('/').map(encodeURIComponent).join('/');
  return {
    key,
    path: type === 'volume' || type === 'network' ? `/${type}s/${path}` : `/${type}s/${path}/json`,
    words: [type, 'inspect', '--format', '{{json .}}', '--', name],
  };
}

/** Parses what `engineLook` printed. */
export function parseEngineLook(reply: LookReply, keys: readonly string[]): EngineReport {
  const report = parseReport(reply);
  const answers = apiAnswers(report);
  return {
    problem: problemOf(report, keys),
    report,
    object(key) {
      const text = (answers.get(key) ?? report.word(key))?.trim();
      return text === undefined || text === '' ? undefined : parseJson(text);
    },
  };
}

/** What the engine itself answered, by key; what it has not is left out. */
function apiAnswers(report: Report): ReadonlyMap<string, string> {
  const [said = '', ...keys] = report.records('api')[0] ?? [];
  const lines = said.split('\n').filter((line) => line !== '');
  return new Map(
    keys.flatMap((key, index): [string, string][] => {
      const [text, status] = lines.slice(2 * index);
      return text !== undefined && status === 'status 200' ? [[key, text]] : [];
    }),
  );
}

/** What "there is no such object" looks like in the words of every engine; anything else is the engine's own trouble. */
const missing = /no such|not found/i;

function problemOf(report: Report, keys: readonly string[]): EngineProblem | undefined {
  if (report.records('no-cli').length > 0) return { kind: 'no-cli' };
  for (const key of keys) {
    const message = report.word(`failed-${key}`);
    if (message !== undefined && !missing.test(message)) return { kind: 'no-engine', message: message.trim() };
  }
  return undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * What a task can say on a host whose engine does not answer: a change when an earlier task of this preview may bring the
 * engine, a failure otherwise.
 */
export function withoutEngine(
  problem: EngineProblem,
  options: { readonly preview: boolean; readonly promised?: Promised | undefined; readonly change: Comparison },
): Comparison {
  if (options.preview && options.promised?.has('service:docker') === true) return options.change;
  return { kind: 'failed', message: describeProblem(problem) };
}

export function describeProblem(problem: EngineProblem): string {
  if (problem.kind === 'no-cli') return 'there is no Docker on this host (no command `docker`)';
  const denied = /permission denied/i.test(problem.message) ? '; the task needs `become: true`' : '';
  return `the Docker engine does not answer: ${problem.message}${denied}`;
}
