import type { UnreachableError } from '../core/errors.js';
import type { Step, Templated } from '../playbook/types.js';
import { evaluate as evaluateLocated } from '../template/evaluate.js';
import { extendScope } from '../template/scope.js';
import { handlerNames, notify } from './handlers.js';
import { outcomeOf } from './outcome.js';
import type { Failure, Frame, PlayHost, PlayState } from './play-state.js';
import { type ItemResult, notifies as isNotifying } from './result.js';
import type { TaskReport } from './task.js';
import { failed, resultOfError } from './task-error.js';
import { registerResult } from './variables.js';

/**
 * Draws the consequences of a task on its host: what is registered, who is notified, whether the host goes on; then
 * tells the world its one outcome. `sharedWith` are the hosts that a run_once task stood for.
 */
export async function finishTask(options: {
  readonly report: TaskReport;
  readonly register: string | undefined;
  readonly notifies: readonly Templated[];
  readonly sharedWith?: readonly PlayHost[];
}): Promise<ItemResult> {
  const { report, register, notifies, sharedWith = [] } = options;
  const { task, milliseconds, ignored } = report;
  const { frame, host } = task;
  let { result } = report;
  const hosts = [host, ...sharedWith.filter((other) => other !== host)];
  for (const each of hosts) registerResult({ state: each.state, name: register, value: result.values });
  const role = task.step.role?.key;
  if (role !== undefined && result.status !== 'skipped' && result.status !== 'unreachable')
    for (const each of hosts) each.rolesBegun.add(role);
  if (notifies.length > 0 && isNotifying(result)) {
    result = await notified({ report, notifies });
  }
  if (frame.section !== 'gate' && isDifference(task.step, result)) host.differs = true;
  const rescued = !ignored && result.status === 'failed' && frame.rescuable !== undefined && !result.interrupted;
  task.frame.play.run.bus.emit({
    kind: 'task-end',
    ref: task.ref,
    outcome: outcomeOf({ result, noLog: task.noLog, showDiff: task.showDiff, milliseconds, ignored, rescued }),
  });
  if (result.unreachable) await loseConnection({ report, error: result.unreachable });
  else if (result.status === 'failed' && !ignored)
    failHost({ host, frame, failure: failureOf(task.step, { name: task.ref.task, result }) });
  return result;
}

/** Whether a result means that the host is not as it should be; a task that is said never to change anything only asks. */
function isDifference(step: Step, result: ItemResult): boolean {
  if (result.status === 'changed' || result.status === 'change') return true;
  const onlyAsks = step.kind === 'module' && step.changedWhen?.every(({ source }) => source.trim() === 'false');
  return result.status === 'unknown' && onlyAsks !== true;
}

/** Takes a host out of the way it is on; for good unless a rescue stands further out. */
export function failHost(options: { readonly host: PlayHost; readonly frame: Frame; readonly failure: Failure }): void {
  const { host, frame, failure } = options;
  host.failure = failure;
  if (frame.rescuable && failure.kind !== 'stopped') return;
  if (failure.kind !== 'task') return;
  frame.play.lost.add(host.state.name);
  frame.play.cleared.delete(host.state.name);
  host.state.failed = true;
}

/** What a rescue can read of a failed task. */
export function failureOf(step: Step, options: { readonly name: string; readonly result: ItemResult }): Failure {
  const { name, result } = options;
  return {
    kind: 'task',
    task: {
      name,
      id: step.id,
      module: step.kind === 'module' ? step.module : step.kind,
      role: step.role?.role.name ?? null,
    },
    result: result.values,
  };
}

/** As in Ansible a run_once task notifies for the host it ran on. */
async function notified(options: {
  readonly report: TaskReport;
  readonly notifies: readonly Templated[];
}): Promise<ItemResult> {
  const { report, notifies } = options;
  const { task, result } = report;
  const certainty = result.status === 'unknown' ? 'perhaps' : 'certain';
  try {
    const scopes = result.notifying?.map((layer) => extendScope(task.scope, [layer])) ?? [task.scope];
    const topics = await task.evaluate(() =>
      scopes.flatMap((scope) => notifies.flatMap((each) => evaluateLocated(each, scope))),
    );
    const { frame, host, scope } = task;
    const names = await task.evaluate(() => handlerNames({ frame, host, scope }));
    for (const topic of new Set(topics)) {
      if (typeof topic !== 'string') continue;
      const found = notify({ frame, step: task.step, topic, names, host, certainty });
      if (!found) return { ...failed(`no handler is called or listens to "${topic}"`), changes: result.changes };
    }
    return result;
  } catch (error) {
    return resultOfError(error, { cancelled: false });
  }
}

async function loseConnection(options: {
  readonly report: TaskReport;
  readonly error: UnreachableError;
}): Promise<void> {
  const { report, error } = options;
  const { host, frame } = report.task;
  if (report.ignored) await host.state.connection.reset();
  else loseHost({ play: frame.play, host, error });
}

/** A host is out of reach: it takes no further part in the run. */
export function loseHost(options: {
  readonly play: PlayState;
  readonly host: PlayHost;
  readonly error: UnreachableError;
}): void {
  const { play, host, error } = options;
  const { reason, message, hint } = error;
  if (!host.state.unreachable) {
    play.run.bus.emit({
      kind: 'host-unreachable',
      play: play.planned.name,
      host: host.state.name,
      reason,
      message,
      ...(hint === undefined ? {} : { hint }),
    });
  }
  host.state.unreachable = true;
  play.lost.add(host.state.name);
  play.cleared.delete(host.state.name);
}
