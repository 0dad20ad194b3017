import { Diagnostics } from '../core/diagnostic.js';
import type { RunOutcome } from '../run/request.js';
import type { Finished } from './interrupt.js';
import type { LoadedPlan } from './load-plan.js';
import type { PlayOptions } from './options.js';
import { connectionsOf, performRun, type Watch } from './perform-run.js';
import { askChoice, askPasswords, type Passwords } from './prompt.js';
import { keptCommand, type KeptCommand } from './resume/kept-command.js';
import { printError } from './terminal.js';

export interface Walk {
  readonly playbooks: readonly string[];
  readonly options: PlayOptions;
  readonly preview: boolean;
  readonly loaded: LoadedPlan;
  /** Asked for where they are not given. */
  readonly passwords?: Passwords;
  /** Goes on with this run. */
  readonly after?: string | undefined;
  readonly watch?: Watch | undefined;
}

/** Walks playbooks that were read and checked on their hosts, so that `runner resume` can go on with them. */
export async function walk(request: Walk): Promise<Finished<RunOutcome>> {
  const { options, preview, loaded, after, watch } = request;
  const passwords = request.passwords ?? (await askPasswords(options, loaded.masker));
  const outcome = await performRun({
    loaded,
    settings: connectionsOf(loaded, { options, password: passwords.login }),
    options,
    preview,
    becomePassword: passwords.become,
    loginPassword: passwords.login,
    resumable: { command: commandOf(request), ...(after === undefined ? {} : { after }) },
    ...(watch === undefined ? {} : { watch }),
    run: {
      ...(options.step === true ? { confirm: confirmTask } : {}),
      ...(options.bringUp === true ? { rollout: { bringUp: true } } : {}),
    },
  });
  if (!preview && isUnfinished(outcome))
    printError('`runner resume` goes on from here: commands that are done are not done again.');
  return outcome;
}

/** What of a call is written down, for `resume` and in a saved plan. */
export function commandOf({ playbooks, options, loaded }: Pick<Walk, 'playbooks' | 'options' | 'loaded'>): KeptCommand {
  const { limit, files } = loaded;
  return keptCommand({ playbooks, options, limit, files, diagnostics: new Diagnostics() });
}

/** Begun and not brought to a good end: neither refused for its files nor kept out by another run. */
function isUnfinished(finished: Finished<RunOutcome>): boolean {
  if (finished.kind === 'interrupted') return true;
  const { result, invalid, locked } = finished.value;
  return result !== 'done' && invalid === undefined && locked === undefined;
}

async function confirmTask(task: string, hosts: readonly string[]): Promise<'run' | 'skip' | 'run-all'> {
  const answer = await askChoice(`Run "${task}" on ${hosts.join(', ')}?`, ['yes', 'no', 'all']);
  return answer === 'yes' ? 'run' : answer === 'no' ? 'skip' : 'run-all';
}
