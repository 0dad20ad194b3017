import { InputError } from '../../core/diagnostic.js';
import { exitCode } from '../../core/exit-code.js';
import { didYouMean } from '../../core/suggest.js';
import { visible } from '../../core/visible.js';
import { formatDuration } from '../../report/duration.js';
import { recapLines } from '../../report/recap.js';
import type { JournalSummary } from '../../run/journal.js';
import { listRuns, readRun } from '../journal.js';
import type { OutputOptions } from '../options.js';
import { colorsFor, printLine } from '../terminal.js';

/** How many runs are listed. */
const mostRuns = 20;

/** `runner runs [RUN]`: what was run from this folder, with what result; of one run its recap and the handlers still due. */
export function runs(request: { readonly run?: string; readonly options: OutputOptions }): number {
  if (request.run !== undefined) return showRun(request.run, request.options);
  const all = listRuns().slice(0, mostRuns);
  if (all.length === 0) printLine('Nothing was run from this folder yet.');
  for (const run of all) printLine(summaryLine(run));
  return exitCode.done;
}

function summaryLine(run: JournalSummary): string {
  const result = run.result ?? 'killed';
  const time = run.milliseconds === undefined ? '' : ` in ${formatDuration(run.milliseconds)}`;
  return `${run.run}  ${run.preview ? 'preview' : 'apply  '}  ${result}${time}  ${run.playbooks.map(visible).join(' ')}`;
}

function showRun(name: string, options: OutputOptions): number {
  const run = readRun(name);
  if (run === undefined) {
    const hint = didYouMean(
      name,
      listRuns().map((each) => each.run),
    );
    throw new InputError([
      {
        severity: 'error',
        code: 'unknown-run',
        message: `there is no run \`${name}\` in this folder`,
        ...(hint === undefined ? {} : { hint }),
      },
    ]);
  }
  printLine(summaryLine(run));
  printLine(`began ${run.at}${run.by === undefined ? '' : ` by ${visible(run.by)}`}`);
  if (run.result !== undefined) {
    const end = { kind: 'run-end' as const, recap: run.recap, result: run.result, milliseconds: run.milliseconds ?? 0 };
    for (const line of ['', ...recapLines(end, { preview: run.preview, colors: colorsFor(options) })]) printLine(line);
  } else printLine('It did not come to its end: the process was killed.');
  for (const due of run.due)
    printLine(`due on ${visible(due.host)} (${visible(due.play)}): ${due.handlers.map(visible).join(', ')}`);
  return exitCode.done;
}
