import { Diagnostics } from '../../core/diagnostic.js';
import { exitCode } from '../../core/exit-code.js';
import { listHosts, listTags, listTasks } from '../../plan/listing.js';
import type { RunOutcome } from '../../run/request.js';
import type { Finished } from '../interrupt.js';
import { lastRunOf } from '../journal.js';
import { type LoadedPlan, loadPlan } from '../load-plan.js';
import type { PlayOptions } from '../options.js';
import { connectionsOf, exitCodeOfRun, performRun } from '../perform-run.js';
import { askChoice, askPasswords } from '../prompt.js';
import { keptCommand } from '../resume/kept-command.js';
import { printError, printLine } from '../terminal.js';

export interface ApplyRequest {
  readonly playbooks: readonly string[];
  readonly options: PlayOptions;
  readonly preview: boolean;
  /** Goes on with this run. */
  readonly after?: string;
}

/** `runner apply` and `runner plan`: reads and checks everything, then walks the plan on the hosts. */
export async function apply(request: ApplyRequest): Promise<number> {
  const { playbooks, options, preview } = request;
  const loaded = loadPlan({ playbooks, options });
  const listing = listingOf(loaded, options);
  if (listing !== undefined) {
    printLine(listing);
    return exitCode.done;
  }
  const after = request.after ?? (options.resume === true ? unfinishedRunOf(playbooks) : undefined);
  const passwords = await askPasswords(options, loaded.masker);
  const outcome = await performRun({
    loaded,
    settings: connectionsOf(loaded, { options, password: passwords.login }),
    options,
    preview,
    becomePassword: passwords.become,
    loginPassword: passwords.login,
    resumable: {
      command: keptCommand({
        playbooks,
        options,
        limit: loaded.limit,
        files: loaded.files,
        diagnostics: new Diagnostics(),
      }),
      ...(after === undefined ? {} : { after }),
    },
    run: {
      ...(options.step === true ? { confirm: confirmTask } : {}),
      ...(options.bringUp === true ? { rollout: { bringUp: true } } : {}),
    },
  });
  if (!preview && isUnfinished(outcome))
    printError('`runner resume` goes on from here: commands that are done are not done again.');
  return exitCodeOfRun(outcome, { pending: preview && options.exitCode === true });
}

/** Begun and not brought to a good end: neither refused for its files nor kept out by another run. */
function isUnfinished(finished: Finished<RunOutcome>): boolean {
  if (finished.kind === 'interrupted') return true;
  const { result, invalid, locked } = finished.value;
  return result !== 'done' && invalid === undefined && locked === undefined;
}

/** The last run of the same playbooks when it did not come to a good end. */
function unfinishedRunOf(playbooks: readonly string[]): string | undefined {
  const last = lastRunOf(playbooks);
  return last === undefined || last.result === 'done' ? undefined : last.run;
}

function listingOf(loaded: LoadedPlan, options: PlayOptions): string | undefined {
  if (options.listHosts === true) return listHosts(loaded.plan);
  if (options.listTasks === true) return listTasks(loaded.plan);
  return options.listTags === true ? listTags(loaded.plan) : undefined;
}

async function confirmTask(task: string, hosts: readonly string[]): Promise<'run' | 'skip' | 'run-all'> {
  const answer = await askChoice(`Run "${task}" on ${hosts.join(', ')}?`, ['yes', 'no', 'all']);
  return answer === 'yes' ? 'run' : answer === 'no' ? 'skip' : 'run-all';
}
