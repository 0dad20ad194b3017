import { renderDiagnostics } from '../core/render-diagnostic.js';
import type { RunEvent, TaskOutcome, TaskRef } from '../run/events.js';
import { clean, cleanLine } from './clean.js';
import type { Colors } from './colors.js';
import { formatDuration } from './duration.js';
import { outcomeDetails, outcomeLine, type OutcomeStyle } from './outcome-text.js';
import { recapLines } from './recap.js';
import type { Output, Reporter } from './reporter.js';
import { rolloutLines } from './rollout-lines.js';
import { unreachableOnce } from './unreachable.js';

export interface PlainOptions {
  readonly output: Output;
  readonly colors: Colors;
  readonly verbosity: number;
  readonly diff: boolean;
  /** Reads a user's file for the quoted line of a mistake. */
  readonly readSource: (file: string) => string | undefined;
}

/** Lines in the order things happen: for pipes, files and CI. */
export function createPlainReporter(options: PlainOptions): Reporter {
  const { output, colors } = options;
  const isTold = unreachableOnce();
  let preview = false;
  const print = (lines: readonly string[]): void => {
    if (lines.length > 0) output.write(lines.map((line) => `${line}\n`).join(''));
  };
  const style: OutcomeStyle = options;
  return {
    event(event: RunEvent): void {
      if (isTold(event)) return;
      if (event.kind === 'run-start') preview = event.preview;
      if (event.kind === 'run-end') print(['', ...recapLines(event, { preview, colors })]);
      else print(eventLines(event, { ...options, style }));
    },
    end: () => Promise.resolve(),
  };
}

/** The lines of one event; none for what only a live display shows. */
export function eventLines(
  event: Exclude<RunEvent, { kind: 'run-end' }>,
  options: PlainOptions & { readonly style: OutcomeStyle },
): readonly string[] {
  const { colors, style } = options;
  switch (event.kind) {
    case 'play-start':
      return [
        '',
        colors.bold(`PLAY ${cleanLine(event.play)}`) +
          colors.dim(` (${event.hosts.length} host${event.hosts.length === 1 ? '' : 's'})`),
      ];
    case 'play-skipped':
      return ['', colors.bold(`PLAY ${cleanLine(event.play)}`) + colors.cyan(` skipped: ${cleanLine(event.reason)}`)];
    case 'batch-start':
      return event.count > 1
        ? [colors.dim(`batch ${event.number} of ${event.count}: ${event.hosts.map(cleanLine).join(', ')}`)]
        : [];
    case 'host-unreachable':
      return [
        `${colors.red('unreachable:')} ${colors.bold(`[${cleanLine(event.host)}]`)} ${cleanLine(event.message)}`,
        ...(event.hint === undefined ? [] : [`    hint: ${cleanLine(event.hint)}`]),
      ];
    case 'task-retry':
      return [
        colors.dim(
          `retry:       [${cleanLine(event.ref.host)}] ${cleanLine(event.ref.task)} — try ${event.attempt}${event.retries === undefined ? '' : `, retries left: ${event.retries - event.attempt + 1}`}: ${cleanLine(event.message)}`,
        ),
      ];
    case 'task-running':
      return [
        colors.dim(
          `running:     [${cleanLine(event.ref.host)}] ${cleanLine(event.ref.task)} — still, after ${formatDuration(event.milliseconds)}`,
        ),
      ];
    case 'item-end':
      return isShown(event.outcome, style)
        ? [outcomeLine(event, event.outcome, style), ...outcomeDetails(event.outcome, style)]
        : [];
    case 'task-end':
      return taskLines(event.ref, event.outcome, options);
    case 'play-end':
      return [colors.dim(`${cleanLine(event.play)}: ${event.result} in ${formatDuration(event.milliseconds)}`)];
    case 'message':
      if (event.diagnostic)
        return [
          renderDiagnostics([event.diagnostic], options.readSource, { color: colors.isColorSupported }).trimEnd(),
        ];
      return [`${event.level === 'info' ? '' : `${event.level}: `}${clean(event.text)}`];
    case 'rollout-ask':
    case 'rollout-plan':
    case 'rollout-step':
    case 'rollout-gate':
    case 'rollout-roll-back':
    case 'rollout-refused':
    case 'rollout-end':
      return rolloutLines(event, colors);
    case 'run-start':
    case 'host-connected':
    case 'task-start':
    case 'task-progress':
    case 'handler-due':
    case 'handler-done':
      return [];
  }
}

function taskLines(
  ref: TaskRef,
  outcome: TaskOutcome,
  options: PlainOptions & { readonly style: OutcomeStyle },
): readonly string[] {
  if (!isShown(outcome, options.style)) return [];
  const lines = [outcomeLine({ ref }, outcome, options.style), ...outcomeDetails(outcome, options.style)];
  if (!outcome.diagnostic) return lines;
  const quoted = renderDiagnostics([outcome.diagnostic], options.readSource, {
    color: options.colors.isColorSupported,
  });
  return [
    ...lines,
    ...quoted
      .trimEnd()
      .split('\n')
      .map((line) => `    ${line}`),
  ];
}

/** Unchanged and skipped tasks are shown too: a log without them does not tell what was looked at. */
function isShown(outcome: TaskOutcome, style: OutcomeStyle): boolean {
  return style.verbosity >= 0 || outcome.status !== 'skipped';
}
