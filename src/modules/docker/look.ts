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

/**
 * `ask KEY COMMAND…` tells what the command printed, or the words it failed with. Nothing is asked of an engine whose
 * command line is not there.
 */
const askFunction = shellSource(`ask() {
  key=$1; shift
  if out=$("$@" 2>/dev/null); then tell "$key" "$out"; else tell "failed-$key" "$("$@" 2>&1 >/dev/null)"; fi
}`);

/** Wraps questions (built with \`inspect\` and \`ask\`) into one look. */
export function engineLook(questions: readonly ShellText[]): ShellText {
  return joinShell([
    tell,
    askFunction,
    shellSource('if command -v docker >/dev/null 2>&1; then'),
    ...questions,
    shellSource('else tell no-cli; fi'),
  ]);
}

/** Asks for one object as JSON. */
export function inspect(
  key: string,
  what: { readonly type: 'container' | 'image' | 'network' | 'volume'; readonly name: string },
): ShellText {
  return sh`ask ${key} docker ${what.type} inspect --format ${'{{json .}}'} -- ${what.name}`;
}

/** Asks anything else of the engine's command line. */
export function ask(key: string, words: readonly string[]): ShellText {
  return sh`ask ${key} docker ${words}`;
}

/** Parses what \`engineLook\` printed. */
export function parseEngineLook(reply: LookReply, keys: readonly string[]): EngineReport {
  const report = parseReport(reply);
  return {
    problem: problemOf(report, keys),
    report,
    object(key) {
      const text = report.word(key)?.trim();
      return text === undefined || text === '' ? undefined : parseJson(text);
    },
  };
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
