import { invariant } from '../core/assert.js';
import type { AnyModule } from '../modules/types.js';
import { backgroundProblem } from '../playbook/background.js';
import type { ModuleStep } from '../playbook/types.js';
import { EvaluationError } from '../template/errors.js';
import type { Scope } from '../template/scope.js';
import type { AsyncSettings } from './async-run.js';
import { resolveBecome } from './become.js';
import type { HostAccess } from './host.js';
import type { HostState } from './host-state.js';
import { booleanKeyword, environmentKeyword, numberKeyword, textKeyword } from './keywords.js';
import type { Frame, PlayHost } from './play-state.js';
import { trustedScope } from './task-scope.js';

const defaultPollSeconds = 10;

/** A task, or one item of its loop, on one host, with its keywords settled. */
export interface Item {
  readonly step: ModuleStep;
  readonly host: PlayHost;
  readonly frame: Frame;
  readonly scope: Scope;
  readonly module: AnyModule;
  /** The host that is worked on: the delegate, or the host itself. */
  readonly target: HostState;
  readonly delegatedTo: string | undefined;
  readonly delegateFacts: boolean;
  readonly preview: boolean;
  readonly timeoutSeconds: number | undefined;
  readonly job: AsyncSettings | undefined;
  readonly access: Omit<HostAccess, 'signal' | 'progress'>;
}

/** Evaluates the keywords of an item. Throws EvaluationError, FactsNeeded, and UnknownValue in a preview. */
export function settleItem(options: {
  readonly step: ModuleStep;
  readonly host: PlayHost;
  readonly frame: Frame;
  readonly scope: Scope;
}): Item {
  const { step, host, frame, scope } = options;
  const { run } = frame.play;
  const { keywords } = step;
  const module = run.request.modules.find(step.module);
  invariant(module, `no module ${step.module}`);
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
    trusted: trustedScope({ state: target, varsFiles: host.varsFiles, play: frame.play.planned.play, run }),
    flags: run.request.options.become ?? {},
  });
  return {
    ...options,
    module,
    target,
    delegatedTo,
    delegateFacts: booleanKeyword(keywords.delegateFacts, scope) ?? false,
    preview: booleanKeyword(keywords.checkMode, scope) ?? run.request.options.preview,
    timeoutSeconds: numberKeyword(keywords.timeout, scope),
    job: jobSettings(module, { step, scope }),
    access: {
      name: target.name,
      address: run.request.addressOf?.(target.name).address ?? target.name,
      connection: target.connection,
      become,
      environment: environmentKeyword(keywords.environment, scope),
    },
  };
}

function jobSettings(
  module: AnyModule,
  { step, scope }: { readonly step: ModuleStep; readonly scope: Scope },
): AsyncSettings | undefined {
  const limitSeconds = numberKeyword(step.asyncSeconds, scope) ?? 0;
  if (limitSeconds <= 0) return undefined;
  const pollSeconds = numberKeyword(step.pollSeconds, scope) ?? defaultPollSeconds;
  const problem = backgroundProblem(module, { asyncSeconds: limitSeconds, pollSeconds });
  if (problem !== undefined) {
    const { message, hint } = problem;
    throw new EvaluationError({ severity: 'error', code: 'not-in-background', message, hint, span: step.span });
  }
  return { limitSeconds, pollSeconds };
}
