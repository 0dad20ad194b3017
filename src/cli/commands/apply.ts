import { exitCode } from '../../core/exit-code.js';
import { listHosts, listTags, listTasks } from '../../plan/listing.js';
import { lastRunOf } from '../journal.js';
import { type LoadedPlan, loadPlan } from '../load-plan.js';
import type { PlayOptions } from '../options.js';
import { exitCodeOfRun } from '../perform-run.js';
import { isSavedPlan, refused } from '../saved-plan/plan-file.js';
import { printLine } from '../terminal.js';
import { commandOf, walk } from '../walk-playbooks.js';

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
  const saved = playbooks.find(isSavedPlan);
  if (saved !== undefined) {
    if (preview || playbooks.length > 1)
      throw refused(`${saved} is a saved plan`, 'it is applied by itself: `runner apply <file>`');
    return (await import('../saved-plan/apply-plan.js')).applyPlan({ path: saved, options });
  }
  const { out } = options;
  const writer = out === undefined ? undefined : (await import('../saved-plan/save-plan.js')).planWriter();
  const loaded = writer === undefined ? loadPlan({ playbooks, options }) : writer.load({ playbooks, options });
  const listing = listingOf(loaded, options);
  if (listing !== undefined) {
    printLine(listing);
    return exitCode.done;
  }
  const after = request.after ?? (options.resume === true ? unfinishedRunOf(playbooks) : undefined);
  const outcome = await walk({ playbooks, options, preview, loaded, after, watch: writer?.watch });
  if (out !== undefined)
    await writer?.write({
      path: out,
      outcome,
      command: commandOf({ playbooks, options, loaded }),
      extraVars: loaded.extraVars,
    });
  return exitCodeOfRun(outcome, { pending: preview && options.exitCode === true });
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
