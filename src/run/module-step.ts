import { UnreachableError } from '../core/errors.js';
import type { ModuleStep } from '../playbook/types.js';
import { booleanKeyword, numberKeyword } from './keywords.js';
import { failHost, failureOf, finishTask } from './finish.js';
import { type Frame, isLive, type PlayHost } from './play-state.js';
import type { ItemResult } from './result.js';
import { Semaphore } from './semaphore.js';
import { settleAll } from './settle.js';
import { resultOfError } from './task-error.js';
import { performTask, type TaskReport } from './task.js';
import { runItem } from './task-item.js';
import { runLoop } from './task-loop.js';
import { evaluateWithFacts, taskScope } from './task-scope.js';
import { registerResult } from './variables.js';

interface HostResult {
  readonly host: PlayHost;
  readonly report: TaskReport;
  readonly result: ItemResult;
}

/** Runs a task on all hosts that stand at it, as many at a time as forks and throttle allow. */
export async function runModuleStep(options: {
  readonly step: ModuleStep;
  readonly hosts: readonly PlayHost[];
  readonly frame: Frame;
}): Promise<void> {
  const { step, hosts, frame } = options;
  await openTogether(options);
  const results = (await isRunOnce(options))
    ? await runOnceForAll(options)
    : await settleAll(
        hosts.map(async (host) => limited({ step, host, frame, action: async () => runOn({ step, host, frame }) })),
      );
  await spreadErrors({ step, frame, results: results.filter((result) => result !== undefined) });
}

/** Under a lock all hosts are connected to before the first of them is changed, so that a run that is refused has done nothing. */
async function openTogether(options: {
  readonly step: ModuleStep;
  readonly hosts: readonly PlayHost[];
  readonly frame: Frame;
}): Promise<void> {
  const { step, hosts, frame } = options;
  const { run } = frame.play;
  const { lock, preview } = run.request.options;
  if (!lock || preview || run.request.modules.find(step.module)?.controllerOnly) return;
  const closed = hosts.filter((host) => !host.state.connection.isOpen);
  await settleAll(closed.map(async (host) => run.forks.run(async () => openQuietly(host))));
}

/** An unreachable host is reported by the task that needs it. */
async function openQuietly(host: PlayHost): Promise<void> {
  try {
    await host.state.connection.session();
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
  }
}

async function runOn(options: {
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
        ? runLoop({ task, loop: step.loop, runItem: async (extra) => runItem(task, extra) })
        : runItem(task, []),
  });
  const result = await finishTask({ report, register: step.register, notifies: step.notify, sharedWith });
  return { host, report, result };
}

/** Waits for a place: first the throttle's, then one of the forks. */
async function limited<T>(options: {
  readonly step: ModuleStep;
  readonly host: PlayHost;
  readonly frame: Frame;
  readonly action: () => Promise<T>;
}): Promise<T> {
  const { step, host, frame, action } = options;
  const { play } = frame;
  const forks = play.forks ?? play.run.forks;
  const throttle = await throttleOf({ step, host, frame });
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

async function isRunOnce(options: {
  readonly step: ModuleStep;
  readonly hosts: readonly PlayHost[];
  readonly frame: Frame;
}): Promise<boolean> {
  const { step, hosts, frame } = options;
  const host = hosts[0];
  if (!host || !step.keywords.runOnce) return false;
  return early({
    host,
    frame,
    compute: () => booleanKeyword(step.keywords.runOnce, taskScope({ host, step, frame })) ?? false,
    otherwise: true,
  });
}

/** A keyword that must be known before a task starts anywhere: a mistake in it fails the task when it is evaluated there again. */
async function early<T>(options: {
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

/** run_once: the first host stands for the batch; its result and its failure are everybody's. */
async function runOnceForAll(options: {
  readonly step: ModuleStep;
  readonly hosts: readonly PlayHost[];
  readonly frame: Frame;
}): Promise<readonly (HostResult | undefined)[]> {
  const { step, hosts, frame } = options;
  const { play } = frame;
  warnOnce(options);
  const key = `${frame.path}|${step.id}`;
  const alone = hosts.length === 1 && play.planned.play.strategy === 'free';
  const sharedWith = alone ? play.batch.hosts.filter((host) => isLive(host, play)) : hosts;
  const earlier = alone ? play.batch.once.get(key) : undefined;
  if (earlier) {
    await earlier;
    return [];
  }
  const running = (async (): Promise<HostResult | undefined> => {
    const [host] = hosts;
    if (!host) return undefined;
    const before = new Map(host.state.variables);
    const done = await limited({ step, host, frame, action: async () => runOn({ step, host, frame, sharedWith }) });
    if (done) share({ done, before, sharedWith, frame, step });
    return done;
  })();
  if (alone) play.batch.once.set(key, running);
  return [await running];
}

function share(options: {
  readonly done: HostResult;
  readonly before: PlayHost['state']['variables'];
  readonly sharedWith: readonly PlayHost[];
  readonly frame: Frame;
  readonly step: ModuleStep;
}): void {
  const { done, before, sharedWith, frame, step } = options;
  const { host, result, report } = done;
  for (const other of sharedWith) {
    if (other === host) continue;
    for (const [name, content] of host.state.variables)
      if (before.get(name) !== content) other.state.variables.set(name, content);
    registerResult({ state: other.state, name: step.register, value: result.values });
    if (!isBad(result) || report.ignored) continue;
    const message = `the run_once task failed on ${host.state.name}`;
    frame.play.run.bus.emit({
      kind: 'task-end',
      ref: { ...report.task.ref, host: other.state.name },
      outcome: {
        status: 'failed',
        message,
        changes: [],
        noLog: report.task.noLog,
        showDiff: false,
        milliseconds: 0,
        warnings: [],
        ...(frame.rescuable ? { rescued: true } : {}),
      },
    });
    failHost({ host: other, frame, failure: failureOf(step, { name: report.task.ref.task, result }) });
  }
}

function warnOnce(options: {
  readonly step: ModuleStep;
  readonly hosts: readonly PlayHost[];
  readonly frame: Frame;
}): void {
  const { step, hosts, frame } = options;
  const { play } = frame;
  if (play.warnedAboutRunOnce) return;
  const batches = play.planned.batches.length;
  const [host] = hosts;
  const text =
    batches > 1
      ? `run_once runs once in each of the ${batches} batches of "${play.planned.name}", not once in the play`
      : step.when.length > 0
        ? `run_once judges its condition on ${host?.state.name ?? 'the first host'} only; where it does not hold there, the task runs nowhere`
        : undefined;
  if (text === undefined) return;
  play.warnedAboutRunOnce = true;
  play.run.bus.emit({
    kind: 'message',
    level: 'warning',
    text,
    diagnostic: { severity: 'warning', code: 'run-once', message: text, span: step.span },
  });
}

/** any_errors_fatal: the others fail with the one that failed; in a block they take its rescue together. */
async function spreadErrors(options: {
  readonly step: ModuleStep;
  readonly frame: Frame;
  readonly results: readonly HostResult[];
}): Promise<void> {
  const { step, frame, results } = options;
  const { play } = frame;
  const bad = results.find(({ result, report }) => isBad(result) && !report.ignored);
  if (!bad) return;
  const { host } = bad;
  const fatal = step.keywords.anyErrorsFatal
    ? await early({
        host,
        frame,
        compute: () => booleanKeyword(step.keywords.anyErrorsFatal, taskScope({ host, step, frame })) ?? false,
        otherwise: true,
      })
    : play.planned.play.anyErrorsFatal;
  if (!fatal) return;
  const failure = {
    ...failureOf(step, { name: bad.report.task.ref.task, result: bad.result }),
    kind: 'elsewhere' as const,
  };
  for (const other of play.batch.hosts) if (isLive(other, play)) failHost({ host: other, frame, failure });
  if (!frame.rescuable) play.stopped ??= `any_errors_fatal: "${bad.report.task.ref.task}" failed on ${host.state.name}`;
}

function isBad(result: ItemResult): boolean {
  return result.status === 'failed' || result.status === 'unreachable';
}
