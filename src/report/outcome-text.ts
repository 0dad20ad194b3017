import type { TaskOutcome, TaskRef } from '../run/events.js';
import type { Value } from '../template/value.js';
import { clean, cleanLine } from './clean.js';
import { type Colors, paintStatus } from './colors.js';
import { changeLines } from './diff.js';

/** How much is shown: 0 changes and failures, 1 also unchanged and results, 2 and more everything that was said. */
export type Verbosity = number;

export interface OutcomeStyle {
  readonly colors: Colors;
  readonly verbosity: Verbosity;
  readonly diff: boolean;
}

/** `role : task` as a reader knows it from the playbook. */
export function taskTitle(ref: TaskRef): string {
  return cleanLine(
    ref.role === undefined || ref.task.startsWith(`${ref.role} :`) ? ref.task : `${ref.role} : ${ref.task}`,
  );
}

/** The line of an outcome: `changed: [node1] title: message`. */
export function outcomeLine(
  subject: { readonly ref: TaskRef; readonly label?: string },
  outcome: TaskOutcome,
  style: OutcomeStyle,
): string {
  const where = outcome.delegatedTo === undefined ? subject.ref.host : `${subject.ref.host} → ${outcome.delegatedTo}`;
  const item = subject.label === undefined ? '' : ` (${cleanLine(subject.label)})`;
  const after = [outcome.ignored ? 'ignored' : '', outcome.rescued ? 'rescued' : '', messageOf(outcome)]
    .filter(Boolean)
    .join(', ');
  const word = paintStatus(outcome.status, `${outcome.status}:`.padEnd(12), style.colors);
  return `${word} ${style.colors.bold(`[${cleanLine(where)}]`)} ${taskTitle(subject.ref)}${item}${after === '' ? '' : style.colors.dim(` — ${after}`)}`;
}

/** What follows the line, indented: diffs, the hint, a failure's own words, results when asked for. */
export function outcomeDetails(outcome: TaskOutcome, style: OutcomeStyle): readonly string[] {
  const failed = outcome.status === 'failed' || outcome.status === 'unreachable';
  const lines: string[] = [];
  if (outcome.message !== undefined) lines.push(...clean(outcome.message).split('\n').slice(1));
  if (failed) lines.push(...saidLines(outcome));
  if (outcome.hint !== undefined) lines.push(`hint: ${cleanLine(outcome.hint)}`);
  if (style.diff && outcome.showDiff && !outcome.noLog) lines.push(...changeLines(outcome.changes, style.colors));
  if (style.verbosity >= 1 && !failed && outcome.result !== undefined) lines.push(...resultLines(outcome.result));
  for (const warning of outcome.warnings) lines.push(style.colors.yellow(`warning: ${cleanLine(warning)}`));
  return lines.map((line) => `    ${line}`);
}

function messageOf(outcome: TaskOutcome): string {
  return outcome.message === undefined ? '' : cleanLine(outcome.message.split('\n')[0] ?? '');
}

/** A failed command's last words. */
function saidLines(outcome: TaskOutcome): readonly string[] {
  const lines: string[] = [];
  for (const stream of ['stderr', 'stdout'] as const) {
    const said = outcome.result?.[stream];
    if (typeof said !== 'string' || said.trim() === '' || (outcome.message ?? '').includes(said.trim())) continue;
    const all = clean(said.trimEnd()).split('\n');
    const last = all.slice(-20);
    if (last.length < all.length) lines.push(`${stream}: … ${all.length - last.length} lines before`);
    lines.push(...last.map((line) => `${stream}: ${line}`));
  }
  return lines;
}

/** Results by name; what is long is text of several lines. */
function resultLines(result: Readonly<Record<string, Value>>): readonly string[] {
  const hidden = new Set(['stdout_lines', 'stderr_lines']);
  return Object.entries(result).flatMap(([name, value]) => {
    if (hidden.has(name) || value === null || value === '') return [];
    const text = clean(typeof value === 'string' ? value.trimEnd() : JSON.stringify(value));
    return text.includes('\n')
      ? [`${name}:`, ...text.split('\n').map((line) => `  ${line}`)]
      : [`${cleanLine(name)}: ${text}`];
  });
}
