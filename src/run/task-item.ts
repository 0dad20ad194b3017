import { anything } from '../modules/promises.js';
import type { AnyModule } from '../modules/types.js';
import { invariant } from '../core/assert.js';
import type { ModuleStep } from '../playbook/types.js';
import { EvaluationError } from '../template/errors.js';
import type { Scope } from '../template/scope.js';
import type { ScopeLayer } from '../template/types.js';
import { Unknown, type Value } from '../template/value.js';
import type { AsyncSettings } from './async-run.js';
import { attempt } from './attempt.js';
import { resolveBecome } from './become.js';
import { controllerOf } from './controller.js';
import { withDeadline } from './deadline.js';
import type { HostAccess } from './host.js';
import type { HostState } from './host-state.js';
import { booleanKeyword, environmentKeyword, judge, numberKeyword, textKeyword } from './keywords.js';
import { runModule } from './module-run.js';
import { checkParams, renderParams } from './params.js';
import { type ItemResult, skipped, unknown } from './result.js';
import { guarded, type Task } from './task.js';
import { taskScope, trustedScope } from './task-scope.js';
import { UnknownValue } from './unknown-value.js';
import { setFacts } from './variables.js';

const defaultPollSeconds = 10;

/** One task, or one item of its loop, on one host: condition, then the module until it is content. */
export async function runItem(task: Task<ModuleStep>, extra: readonly ScopeLayer[]): Promise<ItemResult> {
  const { step, host, frame, evaluate } = task;
  const scope = taskScope({ host, step, frame, extra });
  const verdict = await evaluate(() => judge(step.when, scope));
  if (verdict instanceof Unknown) return hiding(host.state, unknown(verdict));
  if (verdict !== true) return skipped(`the condition does not hold: ${verdict.failed.source}`);
  if (frame.perhaps?.has(host))
    return hiding(host.state, unknown(new Unknown('whether this handler is due only the run can tell')));
  const item = await prepareItem(task, scope);
  const { run } = frame.play;
  const result = await guardedByItem(item, async () =>
    attempt({
      step,
      scope,
      evaluate,
      preview: item.preview,
      clock: run.clock,
      signal: run.request.signal,
      once: async () => guardedByItem(item, async () => runOnce(item)),
      onRetry: (retry) =>
        run.bus.emit({
          kind: 'task-retry',
          ref: task.ref,
          ...retry,
          message: task.noLog ? 'hidden by no_log' : retry.message,
        }),
    }),
  );
  if (result.acts && result.status === 'unknown') item.target.promises.add([anything]);
  return result;
}

/** An item whose keywords are settled. */
interface Item {
  readonly task: Task<ModuleStep>;
  readonly scope: Scope;
  readonly module: AnyModule;
  /** The host that is worked on: the delegate, or the host itself. */
  readonly target: HostState;
  readonly delegatedTo: string | undefined;
  readonly delegateFacts: boolean;
  readonly preview: boolean;
  readonly timeoutSeconds: number | undefined;
  readonly job: AsyncSettings | undefined;
  readonly access: Omit<HostAccess, 'signal'>;
}

async function prepareItem(task: Task<ModuleStep>, scope: Scope): Promise<Item> {
  const { step, host, frame, evaluate } = task;
  const { run } = frame.play;
  const { keywords } = step;
  const module = run.request.modules.find(step.module);
  invariant(module, `no module ${step.module}`);
  return evaluate(() => {
    const delegatedTo = textKeyword(keywords.delegateTo, scope);
    if (delegatedTo === '')
      throw new EvaluationError({
        severity: 'error',
        code: 'empty-delegate',
        message: 'delegate_to is empty',
        span: step.span,
      });
    const target = delegatedTo === undefined ? host.state : run.host(delegatedTo);
    const become = resolveBecome({
      step,
      scope,
      trusted: trustedScope({ state: target, host, frame }),
      flags: run.request.options.become ?? {},
    });
    if (become?.password !== undefined) run.request.masker.learn(become.password);
    return {
      task,
      scope,
      module,
      target,
      delegatedTo,
      delegateFacts: booleanKeyword(keywords.delegateFacts, scope) ?? false,
      preview: booleanKeyword(keywords.checkMode, scope) ?? run.request.options.preview,
      timeoutSeconds: numberKeyword(keywords.timeout, scope),
      job: jobSettings(step, scope),
      access: {
        name: target.name,
        address: run.request.addressOf?.(target.name).address ?? target.name,
        connection: target.connection,
        become,
        environment: environmentKeyword(keywords.environment, scope),
        progress: (line) => {
          if (!task.noLog) run.bus.emit({ kind: 'task-progress', ref: task.ref, line });
        },
      },
    };
  });
}

function jobSettings(step: ModuleStep, scope: Scope): AsyncSettings | undefined {
  const limitSeconds = numberKeyword(step.asyncSeconds, scope) ?? 0;
  if (limitSeconds <= 0) return undefined;
  return { limitSeconds, pollSeconds: numberKeyword(step.pollSeconds, scope) ?? defaultPollSeconds };
}

async function guardedByItem(item: Item, action: () => Promise<ItemResult>): Promise<ItemResult> {
  const result = await guarded(item.task, action);
  return item.delegatedTo === undefined ? result : { ...result, delegatedTo: item.delegatedTo };
}

async function runOnce(item: Item): Promise<ItemResult> {
  const { task, module, scope, target, access, preview } = item;
  const { step, frame, evaluate, host } = task;
  const { run } = frame.play;
  const { masker } = run.request;
  let values: Readonly<Record<string, unknown>>;
  try {
    values = await evaluate(() => renderParams({ step, module, scope, masker }));
  } catch (error) {
    if (error instanceof UnknownValue) return hiding(target, unknown(error.value));
    throw error;
  }
  const params = checkParams(module, { values, masker, span: step.span });
  return withDeadline({
    clock: run.clock,
    signal: run.request.signal,
    seconds: item.timeoutSeconds,
    action: async (signal) =>
      runModule({
        module,
        params,
        preview,
        clock: run.clock,
        ...(item.job ? { job: item.job } : {}),
        promises: target.promises,
        controller: controllerOf({ files: frame.files ?? run.request.files, step, scope, evaluate }),
        access: { ...access, signal },
        onFacts: (facts: Readonly<Record<string, Value>>) =>
          setFacts({ state: item.delegateFacts ? target : host.state, module: step.module, facts }),
      }),
  });
}

/** What an unknown task would have made nobody knows: later looks may find something missing that would be there. */
function hiding(state: HostState, result: ItemResult): ItemResult {
  state.promises.add([anything]);
  return result;
}
