import { Diagnostics, InputError } from '../../core/diagnostic.js';
import { exitCode } from '../../core/exit-code.js';
import { didYouMean } from '../../core/suggest.js';
import { visible } from '../../core/visible.js';
import type { JournalSummary } from '../../run/journal.js';
import { listRuns, readRun } from '../journal.js';
import { nodeFiles } from '../node-files.js';
import type { OutputOptions } from '../options.js';
import { extraVarsOf, readCommand } from '../resume/kept-command.js';
import { printError, printLine } from '../terminal.js';
import { unlock } from '../vault.js';
import { apply } from './apply.js';

export interface ResumeOptions extends OutputOptions {
  readonly extraVars?: readonly string[];
  readonly diff?: boolean;
}

/**
 * `runner resume [RUN]`: the last run (or the one that is named) once more, called as it was; commands, scripts, requests
 * and reboots that it did are not done again. Everything else is looked at, and changed where it is not in place yet.
 */
export async function resume(request: { readonly run?: string; readonly options: ResumeOptions }): Promise<number> {
  const run = runOf(request.run);
  const end = run.result ?? 'killed';
  if (end === 'done') {
    printLine(`Run ${run.run} came to its end: there is nothing to go on with.`);
    return exitCode.done;
  }
  const command = readCommand(run.run);
  if (command === undefined)
    throw refused(`run ${run.run} was no \`runner apply\``, 'give the command again: it sees for itself what is done');
  const diagnostics = new Diagnostics();
  const { extraVars: flags = [], ...shown } = request.options;
  const extraVars = extraVarsOf({ command, flags, files: nodeFiles(), diagnostics });
  if (diagnostics.hasErrors) throw new InputError(diagnostics.all);
  await unlock(command.options);
  printError(`Going on with run ${run.run} (${end}): ${command.playbooks.map(visible).join(' ')}`);
  return apply({
    playbooks: command.playbooks,
    options: { ...command.options, ...shown, extraVars },
    preview: false,
    after: run.run,
  });
}

function runOf(name: string | undefined): JournalSummary {
  const runs = listRuns().filter(({ preview }) => !preview);
  // A copy or a fetch that went well is not what somebody wants to go on with.
  const last = runs.find(({ run, result }) => result !== 'done' || readCommand(run) !== undefined);
  const found = name === undefined ? last : readRun(name);
  if (found !== undefined) return found;
  if (name === undefined) throw refused('nothing was run from this folder yet', '`runner apply` begins a run');
  const hint = didYouMean(
    name,
    runs.map(({ run }) => run),
  );
  throw refused(`there is no run \`${name}\` in this folder`, hint);
}

function refused(message: string, hint: string | undefined): InputError {
  return new InputError([{ severity: 'error', code: 'resume', message, ...(hint === undefined ? {} : { hint }) }]);
}
