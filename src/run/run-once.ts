import type { IncludeRoleStep, IncludeTasksStep, ModuleStep } from '../playbook/types.js';
import type { VariableContent } from '../template/types.js';
import { failHost, failureOf } from './finish.js';
import { early, type HostResult, isBad, limited, runOn } from './host-step.js';
import { booleanKeyword } from './keywords.js';
import { type Frame, isLive, type PlayHost } from './play-state.js';
import { taskScope } from './task-scope.js';
import { registerResult } from './variables.js';

/** What may say run_once and has a result of its own. */
type OnceStep = ModuleStep | IncludeTasksStep | IncludeRoleStep;

/** Whether the step says run_once. */
export async function isRunOnce(options: {
  readonly step: OnceStep;
  readonly hosts: readonly PlayHost[];
  readonly frame: Frame;
}): Promise<boolean> {
  const { step, hosts, frame } = options;
  const host = hosts[0];
  if (host && step.kind === 'module' && addsHosts(step, frame)) return true;
  if (!host || !step.keywords.runOnce) return false;
  return early({
    host,
    frame,
    compute: () => booleanKeyword(step.keywords.runOnce, taskScope({ host, step, frame })) ?? false,
    otherwise: true,
  });
}

/** add_host: what it adds is there for all. */
function addsHosts(step: ModuleStep, frame: Frame): boolean {
  return frame.play.run.request.modules.find(step.module)?.inventory === 'once';
}

/** run_once: the first host stands for the batch; its result and its failure are everybody's. */
export async function runOnceForAll(options: {
  readonly step: ModuleStep;
  readonly hosts: readonly PlayHost[];
  readonly frame: Frame;
}): Promise<readonly (HostResult | undefined)[]> {
  const { step, frame } = options;
  const done = await firstForAll({
    ...options,
    action: async (host, sharedWith) => {
      const before = setMaps(host).map((variables) => new Map(variables));
      const result = await limited({ step, host, frame, action: async () => runOn({ step, host, frame, sharedWith }) });
      if (result) share({ done: result, before, sharedWith, frame, step });
      return result;
    },
  });
  return [done];
}

/**
 * Does something on the first of the hosts, for all of them. With strategy free, where each host comes alone, the first to
 * come does it for the live hosts of the batch, and the others wait for its end (for them undefined).
 */
export async function firstForAll<T>(options: {
  readonly step: OnceStep;
  readonly hosts: readonly PlayHost[];
  readonly frame: Frame;
  readonly action: (host: PlayHost, sharedWith: readonly PlayHost[]) => Promise<T>;
}): Promise<T | undefined> {
  const { step, hosts, frame, action } = options;
  const { play } = frame;
  const [host] = hosts;
  if (!host) return undefined;
  warnOnce(options);
  const key = keyOf(step, frame);
  const alone = hosts.length === 1 && play.planned.play.strategy === 'free';
  const earlier = alone ? play.batch.once.get(key) : undefined;
  if (earlier) {
    await earlier;
    const failed = play.batch.onceFailed.get(key);
    if (failed) failToo({ other: host, done: failed, frame, step });
    return undefined;
  }
  const running = action(host, alone ? play.batch.hosts.filter((each) => isLive(each, play)) : hosts);
  if (alone) play.batch.once.set(key, running);
  return running;
}

/** The same step in the same round, on whichever host. */
function keyOf(step: OnceStep, frame: Frame): string {
  return `${frame.path}|${step.id}`;
}

/** Where a task sets variables: set_fact and register, include_vars. */
function setMaps({ state }: PlayHost): readonly Map<string, VariableContent>[] {
  return [state.variables, state.includedVariables];
}

function share(options: {
  readonly done: HostResult;
  /** What was set on the host that ran it before the task, as `setMaps` gives it. */
  readonly before: readonly ReadonlyMap<string, VariableContent>[];
  readonly sharedWith: readonly PlayHost[];
  readonly frame: Frame;
  readonly step: ModuleStep;
}): void {
  const { done, before, sharedWith, frame, step } = options;
  const { host, result } = done;
  for (const other of sharedWith) {
    if (other === host) continue;
    for (const [index, variables] of setMaps(host).entries())
      for (const [name, content] of variables)
        if (before[index]?.get(name) !== content) setMaps(other)[index]?.set(name, content);
    registerResult({ state: other.state, name: step.register, value: result.values });
  }
  shareFailure({ done, sharedWith, frame, step });
}

/** The failure of a run_once step is that of all hosts it stood for; with strategy free once they come to it. */
export function shareFailure(options: {
  readonly done: HostResult;
  readonly sharedWith: readonly PlayHost[];
  readonly frame: Frame;
  readonly step: OnceStep;
}): void {
  const { done, sharedWith, frame, step } = options;
  const { host, result, report } = done;
  const { play } = frame;
  if (!isBad(result) || report.ignored) return;
  if (play.planned.play.strategy === 'free') play.batch.onceFailed.set(keyOf(step, frame), done);
  else for (const other of sharedWith) if (other !== host) failToo({ other, done, frame, step });
}

function failToo(options: {
  readonly other: PlayHost;
  readonly done: HostResult;
  /** Where the other host stands. */
  readonly frame: Frame;
  readonly step: OnceStep;
}): void {
  const { other, done, frame, step } = options;
  const { host, result, report } = done;
  const { ref, noLog } = report.task;
  frame.play.run.bus.emit({
    kind: 'task-end',
    ref: { ...ref, host: other.state.name },
    outcome: {
      status: 'failed',
      message: `the run_once task failed on ${host.state.name}`,
      changes: [],
      noLog,
      showDiff: false,
      milliseconds: 0,
      warnings: [],
      ...(frame.rescuable ? { rescued: true } : {}),
    },
  });
  failHost({ host: other, frame, failure: failureOf(step, { name: ref.task, result }) });
}

function warnOnce(options: {
  readonly step: OnceStep;
  readonly hosts: readonly PlayHost[];
  readonly frame: Frame;
}): void {
  const { step, hosts, frame } = options;
  const { play } = frame;
  if (play.warnedAboutRunOnce || step.keywords.runOnce === undefined) return;
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
