import type { ModuleStep } from '../playbook/types.js';
import { finishTask } from './finish.js';
import { numberKeyword } from './keywords.js';
import { type Frame, isLive, type PlayHost } from './play-state.js';
import type { ItemResult } from './result.js';
import { Semaphore } from './semaphore.js';
import { resultOfError } from './task-error.js';
import { performTask, type TaskReport } from './task.js';
import { runItem } from './task-item.js';
import { runLoop } from './task-loop.js';
import { evaluateWithFacts, taskScope } from './task-scope.js';

/** What a step came to on one host. */
export interface HostResult {
  readonly host: PlayHost;
  readonly report: TaskReport;
  readonly result: ItemResult;
}

/** Runs a task on one host and draws its consequences; undefined when the host dropped out while it waited. */
export async function runOn(options: {
  readonly step: ModuleStep;
  readonly host: PlayHost;
  readonly frame: Frame;
  readonly sharedWith?: readonly PlayHost[];
}): Promise<HostResult | undefined> {
  const { step, host, frame, sharedWith = [] } = options;
  if (!isLive(host, frame.play)) return undefined;
  const report = await performTask({
    step,
    host,
    frame,
    action: async (task) =>
      step.loop
        ? runLoop({ task, loop: step.loop, runItem: async (names) => runItem(task, names) })
        : runItem(task, { own: [], left: () => [] }),
  });
  const result = await finishTask({ report, register: step.register, notifies: step.notify, sharedWith });
  return { host, report, result };
}

/** Waits for a place: first the throttle's, then one of the forks. */
export async function limited<T>(options: {
  readonly step: ModuleStep;
  readonly host: PlayHost;
  readonly frame: Frame;
  readonly action: () => Promise<T>;
}): Promise<T> {
  const { step, host, frame, action } = options;
  const { play } = frame;
  const forks = play.forks ?? play.run.forks;
  // A rehearsal does nothing that too many hosts could do at once.
  const throttle = play.run.isRehearsal ? undefined : await throttleOf({ step, host, frame });
  if (throttle === undefined || throttle <= 0) return forks.run(action);
  const gate = play.batch.throttles.get(step.id) ?? new Semaphore(throttle);
  play.batch.throttles.set(step.id, gate);
  return gate.run(async () => forks.run(action));
}

async function throttleOf(options: {
  readonly step: ModuleStep;
  readonly host: PlayHost;
  readonly frame: Frame;
}): Promise<number | undefined> {
  const { step, host, frame } = options;
  const { throttle } = step.keywords;
  if (!throttle) return frame.play.planned.play.throttle;
  return early({ host, frame, compute: () => numberKeyword(throttle, taskScope({ host, step, frame })), otherwise: 1 });
}

/** A keyword that must be known before a task starts anywhere: a mistake in it fails the task when it is evaluated there again. */
export async function early<T>(options: {
  readonly host: PlayHost;
  readonly frame: Frame;
  readonly compute: () => T;
  readonly otherwise: T;
}): Promise<T> {
  const { host, frame, compute, otherwise } = options;
  try {
    return await evaluateWithFacts({ run: frame.play.run, host: host.state.name, action: compute });
  } catch (error) {
    resultOfError(error, { cancelled: false });
    return otherwise;
  }
}

export function isBad(result: ItemResult): boolean {
  return result.status === 'failed' || result.status === 'unreachable';
}
