import { exitCode } from '../../core/exit-code.js';
import { listHosts, listTags, listTasks } from '../../plan/listing.js';
import { type LoadedPlan, loadPlan } from '../load-plan.js';
import type { PlayOptions } from '../options.js';
import { connectionsOf, exitCodeOfRun, performRun } from '../perform-run.js';
import { askChoice, askPasswords } from '../prompt.js';
import { printLine } from '../terminal.js';

export interface ApplyRequest {
  readonly playbooks: readonly string[];
  readonly options: PlayOptions;
  readonly preview: boolean;
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
  const passwords = await askPasswords(options, loaded.masker);
  const outcome = await performRun({
    loaded,
    settings: connectionsOf(loaded, { options, password: passwords.login }),
    options,
    preview,
    becomePassword: passwords.become,
    loginPassword: passwords.login,
    run: {
      ...(options.step === true ? { confirm: confirmTask } : {}),
      ...(options.bringUp === true ? { rollout: { bringUp: true } } : {}),
    },
  });
  return exitCodeOfRun(outcome, { pending: preview && options.exitCode === true });
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
