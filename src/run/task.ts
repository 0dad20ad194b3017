import { UnreachableError } from '../core/errors.js';
import { ModuleFailure } from '../modules/types.js';
import { writtenName } from '../plan/steps.js';
import type { Step } from '../playbook/types.js';
import type { Scope } from '../template/scope.js';
import type { TaskRef } from './events.js';
import { booleanKeyword } from './keywords.js';
import type { Frame, PlayHost } from './play-state.js';
import type { ItemResult } from './result.js';
import { resultOfError } from './task-error.js';
import { renderedName, taskRef } from './task-name.js';
import { learnOutput } from './no-log.js';
import { evaluateWithFacts, taskScope } from './task-scope.js';

/** How often a task that is still running is told of, in milliseconds. */
const reminderInterval = 30_000;

/** One step on one host, while it runs. */
export interface Task<S extends Step = Step> {
  readonly step: S;
  readonly host: PlayHost;
  readonly frame: Frame;
  readonly ref: TaskRef;
  /** The task's variables, without an item. */
  readonly scope: Scope;
  readonly noLog: boolean;
  readonly showDiff: boolean;
  /** Evaluates, reading facts where they are asked for. */
  readonly evaluate: <T>(action: () => T) => Promise<T>;
}

/** What came of it, and what its keywords say about a failure. */
export interface TaskReport<S extends Step = Step> {
  readonly task: Task<S>;
  readonly result: ItemResult;
  readonly milliseconds: number;
  /** ignore_errors or ignore_unreachable holds. */
  readonly ignored: boolean;
}

/** Runs one step on one host: whatever happens becomes a result. Throws only what nobody can rescue. */
export async function performTask<S extends Step>(options: {
  readonly step: S;
  readonly host: PlayHost;
  readonly frame: Frame;
  readonly action: (task: Task<S>) => Promise<ItemResult>;
}): Promise<TaskReport<S>> {
  const { step, host, frame, action } = options;
  const { run } = frame.play;
  const { clock, bus } = run;
  const started = clock.now();
  const scope = taskScope({ host, step, frame });
  const evaluate = async <T>(compute: () => T): Promise<T> =>
    evaluateWithFacts({ run, host: host.state.name, action: compute });
  const ref = taskRef({ step, host, frame, name: await nameOf({ step, scope, evaluate }) });
  bus.emit({ kind: 'task-start', ref });
  const noLog = await flag({ evaluate, compute: () => booleanKeyword(step.keywords.noLog, scope), otherwise: true });
  const showDiff = await flag({
    evaluate,
    compute: () => booleanKeyword(step.keywords.diff, scope) ?? run.request.options.diff,
    otherwise: false,
  });
  const task: Task<S> = { step, host, frame, ref, scope, noLog, showDiff: showDiff && !noLog, evaluate };
  const reminder = setInterval(() => {
    bus.emit({ kind: 'task-running', ref, milliseconds: clock.now() - started });
  }, reminderInterval);
  const result = await guarded(task, async () => action(task)).finally(() => clearInterval(reminder));
  const ignored = await isIgnored(task, result);
  if (noLog) learnOutput(run.request.masker, result.values);
  return { task, result, ignored, milliseconds: clock.now() - started };
}

/** An action whose errors are a task's result. */
export async function guarded(task: Pick<Task, 'frame'>, action: () => Promise<ItemResult>): Promise<ItemResult> {
  try {
    return await action();
  } catch (error) {
    return resultOfError(error, { cancelled: task.frame.play.run.request.signal.aborted });
  }
}

async function nameOf(options: {
  readonly step: Step;
  readonly scope: Scope;
  readonly evaluate: Task['evaluate'];
}): Promise<string> {
  const { step, scope, evaluate } = options;
  try {
    return await evaluate(() => renderedName(step, scope));
  } catch (error) {
    if (error instanceof UnreachableError || error instanceof ModuleFailure) return writtenName(step);
    throw error;
  }
}

/** A flag that decides how a task is shown: a mistake in it is reported by the task itself, until then the safe answer holds. */
async function flag(options: {
  readonly evaluate: Task['evaluate'];
  readonly compute: () => boolean | undefined;
  readonly otherwise: boolean;
}): Promise<boolean> {
  try {
    return (await options.evaluate(options.compute)) ?? false;
  } catch (error) {
    resultOfError(error, { cancelled: false });
    return options.otherwise;
  }
}

async function isIgnored(task: Task, result: ItemResult): Promise<boolean> {
  if (result.interrupted) return false;
  const { step, scope, evaluate } = task;
  const { keywords } = step;
  if (result.status === 'unreachable')
    return flag({ evaluate, compute: () => booleanKeyword(keywords.ignoreUnreachable, scope), otherwise: false });
  if (result.status === 'failed')
    return flag({ evaluate, compute: () => booleanKeyword(keywords.ignoreErrors, scope), otherwise: false });
  return false;
}
