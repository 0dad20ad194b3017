import { createTwoFilesPatch } from 'diff/lib/patch/create.js';
import type { Change } from '../modules/types.js';
import type { Value } from '../template/value.js';
import { clean, cleanLine } from './clean.js';
import type { Colors } from './colors.js';

/** Longer diffs are cut: the terminal is no pager. */
const longestDiffLines = 400;

/** Changes as lines: a unified diff for texts, `part: before → after` for everything else. */
export function changeLines(changes: readonly Change[], colors: Colors): readonly string[] {
  return changes.flatMap((change) => (change.diff ? diffLines(change.diff, colors) : [plainChange(change)]));
}

function diffLines(diff: NonNullable<Change['diff']>, colors: Colors): readonly string[] {
  const patch = createTwoFilesPatch(
    cleanLine(diff.beforeName),
    cleanLine(diff.afterName),
    clean(diff.before),
    clean(diff.after),
    undefined,
    undefined,
    { context: 3 },
  );
  // Before the names stands a line of `=`, and another one when both names are the same.
  const all = patch.trimEnd().split('\n');
  const lines = all.slice(all.findIndex((line) => line.startsWith('---')));
  const shown = lines.slice(0, longestDiffLines).map((line) => paintLine(line, colors));
  return lines.length > longestDiffLines
    ? [...shown, colors.dim(`… ${lines.length - longestDiffLines} more lines`)]
    : shown;
}

function paintLine(line: string, colors: Colors): string {
  if (line.startsWith('+++') || line.startsWith('---')) return colors.bold(line);
  if (line.startsWith('@@')) return colors.cyan(line);
  if (line.startsWith('+')) return colors.green(line);
  if (line.startsWith('-')) return colors.red(line);
  return line;
}

function plainChange(change: Change): string {
  const before = change.before === undefined ? 'absent' : valueText(change.before);
  const after = change.after === undefined ? 'absent' : valueText(change.after);
  return `${cleanLine(change.part)}: ${before} → ${after}`;
}

function valueText(value: Value): string {
  return cleanLine(typeof value === 'string' ? value : JSON.stringify(value));
}
