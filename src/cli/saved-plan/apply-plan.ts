import { Diagnostics, InputError } from '../../core/diagnostic.js';
import { visible } from '../../core/visible.js';
import type { RunOutcome } from '../../run/request.js';
import { exitCodeOfRun, type Watch } from '../perform-run.js';
import type { Finished } from '../interrupt.js';
import { nodeFiles } from '../node-files.js';
import type { PlayOptions } from '../options.js';
import { packageVersion } from '../package-files.js';
import { askPasswords } from '../prompt.js';
import { extraVarsOf } from '../resume/kept-command.js';
import { printError } from '../terminal.js';
import { unlock, type VaultOptions } from '../vault.js';
import { walk } from '../walk-playbooks.js';
import { changesOf, loadRecorded, nothing, recordInputs } from './inputs.js';
import { readPlan, refused, sumOfVariables } from './plan-file.js';
import { differencesOf, recordPredictions } from './predictions.js';

/** Flags that a plan can be applied with: how it is shown, who logs in, and values that are not kept. The others are the plan's. */
const ownFlags: ReadonlySet<string> = new Set([
  'extraVars',
  'output',
  'verbose',
  'color',
  'diff',
  'forks',
  'askPass',
  'askBecomePass',
  'privateKey',
  'vaultPasswordFile',
  'askVaultPass',
] satisfies readonly (keyof (PlayOptions & VaultOptions))[]);

/** How many differences are told. */
const mostTold = 20;

/**
 * `runner apply PLAN`: what `plan -o` wrote down, when a preview says the same once more. Throws InputError, with nothing
 * touched, when a file, a variable or a host is not what it was.
 */
export async function applyPlan(request: { readonly path: string; readonly options: PlayOptions }): Promise<number> {
  const { path } = request;
  const saved = readPlan(path, packageVersion());
  const { command } = saved;
  refuseForeignFlags(request.options);
  const diagnostics = new Diagnostics();
  const { extraVars: flags = [], ...shown } = request.options;
  const extraVars = extraVarsOf({ command, flags, files: nodeFiles(), diagnostics });
  if (diagnostics.hasErrors) throw new InputError(diagnostics.all);
  const { diff: compared, ...kept } = command.options;
  const options: PlayOptions & VaultOptions = { ...kept, ...shown, extraVars };
  await unlock(options);
  const recorder = recordInputs();
  const loaded = loadRecorded({ playbooks: command.playbooks, options }, recorder);
  if (sumOfVariables(loaded.extraVars, saved.variables.salt).sum !== saved.variables.sum)
    throw refused('the values of -e are not those that the plan was made with', `give them as they were, or ${again}`);
  refuseChanges(path, changesOf(saved.inputs, await recorder.inputs()));
  const passwords = await askPasswords(options, loaded.masker);
  const predictions = recordPredictions();
  printError(`Asking the hosts whether the plan of ${visible(saved.at)} by ${visible(saved.by)} still holds.`);
  const call = { playbooks: command.playbooks, options, loaded, passwords };
  const rehearsal = await walk({
    ...call,
    // What a change holds depends on it: asked for as when the plan was made. The run itself shows what it is told to show.
    options: { ...options, ...(compared === undefined ? {} : { diff: compared }) },
    preview: true,
    watch: { event: predictions.event, files: recorder.controller, reporter: troublesOnly },
  });
  if (!isDone(rehearsal)) return exitCodeOfRun(rehearsal);
  const now = await recorder.inputs();
  refuseChanges(path, [
    // What is not read any more has gone.
    ...changesOf(saved.inputs, {
      ...Object.fromEntries(Object.keys(saved.inputs).map((name) => [name, nothing])),
      ...now,
    }),
    ...differencesOf(saved.predictions, predictions.list()),
  ]);
  return exitCodeOfRun(await walk({ ...call, preview: false }));
}

const mistake = { severity: 'error', code: 'saved-plan' } as const;
const again = 'make a new plan with `runner plan … -o`';

/** Says only why the hosts could not be asked. */
const troublesOnly: NonNullable<Watch['reporter']> = {
  event(event) {
    if (event.kind === 'host-unreachable')
      printError(`${visible(event.host)} is unreachable: ${visible(event.message)}`);
    if (event.kind === 'task-end' && event.outcome.status === 'failed' && event.outcome.ignored !== true)
      printError(
        `${visible(event.ref.host)}, "${visible(event.ref.task)}": ${visible(event.outcome.message ?? 'failed')}`,
      );
    if (event.kind === 'message' && event.level !== 'info') printError(visible(event.text));
    if (event.kind === 'run-end' && event.result !== 'done')
      printError('Nothing was touched: the hosts cannot be asked whether the plan still holds.');
  },
  end: () => Promise.resolve(),
};

function isDone(finished: Finished<RunOutcome>): boolean {
  return finished.kind === 'done' && finished.value.result === 'done';
}

function refuseForeignFlags(options: PlayOptions): void {
  const foreign = Object.entries(options).flatMap(([flag, value]) =>
    value === undefined || ownFlags.has(flag)
      ? []
      : [`\`--${flag.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}\``],
  );
  if (foreign.length > 0) throw refused(`a saved plan is applied as it is, without ${foreign.join(', ')}`, again);
}

function refuseChanges(path: string, changes: readonly string[]): void {
  if (changes.length === 0) return;
  const told = changes.slice(0, mostTold);
  const rest = changes.length > mostTold ? [`and ${String(changes.length - mostTold)} more`] : [];
  throw new InputError([
    ...[...told, ...rest].map((change) => ({ ...mistake, message: visible(change) })),
    { ...mistake, message: `the plan ${visible(path)} does not hold any more; nothing was touched`, hint: again },
  ]);
}
