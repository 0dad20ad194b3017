import type { ModuleStep } from '../playbook/types.js';
import { FactsNeeded } from '../template/errors.js';
import { judge } from './keywords.js';
import type { Frame, PlayHost } from './play-state.js';
import { settleAll } from './settle.js';
import { resultOfError } from './task-error.js';
import { taskScope } from './task-scope.js';

/**
 * Connects to the hosts that a step is about to work on, all at the same time and outside the forks: dead hosts among
 * many cost one connect timeout in all. Under a lock this is also what makes a refused run one that has done nothing:
 * no host is changed before all are locked. An unreachable host is reported by the task that needs it.
 */
export async function connectFirst(options: {
  readonly step: ModuleStep;
  readonly hosts: readonly PlayHost[];
  readonly frame: Frame;
}): Promise<void> {
  const { step, hosts, frame } = options;
  if (step.keywords.delegateTo || frame.play.run.request.modules.find(step.module)?.controllerOnly) return;
  const closed = hosts.filter((host) => !host.state.connection.isOpen && mayRun({ step, host, frame }));
  await settleAll(closed.map(openQuietly));
}

/** Whether the step's condition may hold; a condition that needs facts needs the connection anyway. */
function mayRun(options: { readonly step: ModuleStep; readonly host: PlayHost; readonly frame: Frame }): boolean {
  const { step, host, frame } = options;
  if (step.when.length === 0) return true;
  try {
    return judge(step.when, taskScope({ host, step, frame })) === true;
  } catch (error) {
    if (error instanceof FactsNeeded) return (error.host ?? host.state.name) === host.state.name;
    // It reads an item, or is wrong: the task itself will tell.
    resultOfError(error, { cancelled: false });
    return false;
  }
}

async function openQuietly(host: PlayHost): Promise<void> {
  try {
    await host.state.connection.session();
  } catch (error) {
    resultOfError(error, { cancelled: false });
  }
}
