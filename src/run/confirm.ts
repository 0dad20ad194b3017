import { CancelledError } from '../core/errors.js';
import { checkBudget } from './budget.js';
import { lookAgain, type Unlasting } from './confirm-look.js';
import type { Unconfirmed } from './confirmations.js';
import { finishTask } from './finish.js';
import { tell } from './handlers.js';
import type { HostResult } from './host-step.js';
import { spreadErrors } from './module-step.js';
import type { PlayHost, PlayState } from './play-state.js';
import { settleAll } from './settle.js';
import { performTask } from './task.js';

/**
 * Looks once more at what the tasks of these hosts left to be confirmed, and waits no longer for it than has to be. What
 * did not last fails the task that left it; no rescue takes it, as its block is over.
 */
export async function confirmHosts(hosts: readonly PlayHost[], play: PlayState): Promise<void> {
  const found = await settleAll(hosts.map(async (host) => ({ host, unlasting: await confirmHost(host, play) })));
  for (const { host, unlasting } of found) {
    let lasts = true;
    for (const each of unlasting) {
      const failure = await failTask(host, each);
      if (!failure.report.ignored) lasts = false;
      const { step, frame } = each.task;
      await spreadErrors({ step, frame: { ...frame, rescuable: undefined }, results: [failure] });
      checkBudget(frame);
    }
    if (lasts) tellHandlers(play, host);
  }
}

async function confirmHost(host: PlayHost, play: PlayState): Promise<readonly Unlasting[]> {
  const { run } = play;
  if (run.confirmations.of(host).length === 0) return [];
  if (host.failure || host.state.unreachable || run.halted) {
    run.confirmations.take(host);
    return [];
  }
  try {
    await waitUntilDue(run.confirmations.of(host), play);
  } catch (error) {
    if (error instanceof CancelledError) return [];
    throw error;
  }
  // Another play may have changed it again meanwhile; a host that is known to be lost is not asked.
  const left = run.confirmations.take(host).filter(({ access }) => !run.host(access.name).unreachable);
  const forks = play.forks ?? run.forks;
  return run.halted || left.length === 0 ? [] : forks.run(async () => lookAgain(left, run.request.signal));
}

async function waitUntilDue(left: readonly Unconfirmed[], play: PlayState): Promise<void> {
  const { clock, request, bus } = play.run;
  const last = left.reduce((latest, each) => (each.due > latest.due ? each : latest));
  const milliseconds = last.due - clock.now();
  if (milliseconds <= 0) return;
  const { ref, noLog } = last.task;
  if (!noLog) bus.emit({ kind: 'task-progress', ref, line: `waiting whether ${last.confirmation.subject} lasts` });
  await clock.sleep(milliseconds, request.signal);
}

/** The one who left it fails once more, this time for good. */
async function failTask(host: PlayHost, { task, result }: Unlasting): Promise<HostResult> {
  const { step } = task;
  const frame = { ...task.frame, rescuable: undefined };
  const report = await performTask({ step, host, frame, action: async () => result });
  return { host, report, result: await finishTask({ report, register: undefined, notifies: [] }) };
}

/** What handlers left lasts: they are done. Those of a run that was stopped before are due again in the next one. */
function tellHandlers(play: PlayState, host: PlayHost): void {
  if (play.run.halted) return;
  for (const handler of host.toConfirm)
    if (!host.notified.has(handler)) tell({ play, host, handler, kind: 'handler-done' });
  host.toConfirm.clear();
}
