import type { ModuleStep } from '../playbook/types.js';
import { EvaluationError } from '../template/errors.js';
import { extendScope, type Scope } from '../template/scope.js';
import { isValueMap, Unknown } from '../template/value.js';
import type { Clock } from './clock.js';
import { judge, numberKeyword } from './keywords.js';
import { dataLayer } from './layers.js';
import { type ItemResult, registered, withMembers } from './result.js';
import { resultOfError } from './task-error.js';

/** As Ansible does: three tries in all when nothing is said; `retries` itself counts those after the first. */
const defaultTries = 3;
const defaultDelaySeconds = 5;

/** Runs until `until` holds or the retries are used up; the registered name means the last result. */
export async function attempt(options: {
  readonly step: ModuleStep;
  readonly scope: Scope;
  readonly preview: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Evaluates, reading facts where they are asked for. */
  readonly evaluate: <T>(action: () => T) => Promise<T>;
  readonly once: () => Promise<ItemResult>;
  readonly onRetry: (retry: { readonly attempt: number; readonly retries: number; readonly message: string }) => void;
}): Promise<ItemResult> {
  const { step, scope, preview, clock, signal, evaluate, once, onRetry } = options;
  const wanted = await evaluate(() => numberKeyword(step.retries, scope));
  const retries = wanted ?? (step.until.length > 0 ? defaultTries - 1 : 0);
  const repeated = step.until.length > 0 || wanted !== undefined;
  const delay = (await evaluate(() => numberKeyword(step.delay, scope))) ?? defaultDelaySeconds;
  for (let count = 1; ; count++) {
    const result = await once();
    const isOver = !repeated || isFinal(result) || result.status === 'unknown';
    // Numbered first: `changed_when` and `failed_when` may ask how many tries it took.
    const tried = isOver
      ? result
      : { ...result, attempts: count, values: withMembers(result.values, { attempts: count }) };
    const counted = await evaluateRules({ step, scope, preview, evaluate, result: tried });
    if (isOver || isFinal(counted) || counted.status === 'unknown') return counted;
    const answer = await evaluate(() => untilHolds({ step, scope, result: counted }));
    if (answer) return counted;
    if (preview)
      return {
        ...counted,
        status: 'unknown',
        message: 'would be tried again',
        values: new Unknown('would be tried again'),
      };
    if (count > retries) return exhausted({ step, result: counted, count });
    onRetry({ attempt: count, retries, message: result.message ?? 'not yet' });
    await clock.sleep(delay * 1000, signal);
  }
}

/**
 * Nothing that trying again or a condition could mend: a lost host, a cancelled run, a mistake in the task itself; or a
 * result that an earlier run came to by these very rules.
 */
function isFinal(result: ItemResult): boolean {
  const { unreachable, interrupted, diagnostic, earlier } = result;
  return unreachable !== undefined || interrupted === true || diagnostic !== undefined || earlier === true;
}

/** changed_when and failed_when have the last word on a result. */
async function evaluateRules(options: {
  readonly step: ModuleStep;
  readonly scope: Scope;
  readonly preview: boolean;
  readonly evaluate: <T>(action: () => T) => Promise<T>;
  readonly result: ItemResult;
}): Promise<ItemResult> {
  const { step, preview, evaluate } = options;
  let { result } = options;
  if (isFinal(result) || result.status === 'skipped') return result;
  if (hasActed(result)) result = { ...result, values: withMembers(result.values, { changed: true }) };
  if (step.failedWhen) {
    const scope = withResult(step, options.scope, result);
    const found = result;
    const answer = await judged(result, async () => evaluate(() => judgeFailed({ step, scope, result: found })));
    if (typeof answer === 'object') return answer;
    if (answer === 'failed')
      result = restated(result, {
        status: 'failed',
        message: result.message ?? `failed_when holds: ${step.failedWhen.map(({ source }) => source).join(' and ')}`,
      });
    else if (answer === 'fine' && result.status === 'failed')
      result = restated(result, { status: statusOfFine({ result, preview }) });
  }
  if (step.changedWhen) {
    const scope = withResult(step, options.scope, result);
    const found = result;
    const answer = await judged(result, async () => evaluate(() => judgeChanged({ step, scope, result: found })));
    if (typeof answer === 'object') return answer;
    if (answer === undefined) return result;
    if (result.status === 'failed') return { ...result, values: withMembers(result.values, { changed: answer }) };
    result = restated(result, { status: changedStatus(result.status, answer) });
  }
  return result;
}

/** A rule that cannot be judged is a failure that says so, and leaves standing what the task did and found out. */
async function judged<T>(result: ItemResult, judge: () => Promise<T>): Promise<T | ItemResult> {
  try {
    return await judge();
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    const failure = resultOfError(error, { cancelled: false });
    const members = { changed: result.status === 'changed', failed: true, msg: error.message };
    return { ...failure, changes: result.changes, values: withMembers(result.values, members) };
  }
}

/** A command that ended badly has done something: conditions that follow an ignored failure read so, as in Ansible. */
function hasActed({ status, intact, values }: ItemResult): boolean {
  return status === 'failed' && intact !== true && isValueMap(values) && typeof values['rc'] === 'number';
}

/** Undefined where the condition has nothing to say. */
function judgeChanged(options: {
  readonly step: ModuleStep;
  readonly scope: Scope;
  readonly result: ItemResult;
}): boolean | undefined {
  const { step, scope, result } = options;
  try {
    const answer = judge(step.changedWhen ?? [], scope);
    return answer instanceof Unknown ? undefined : answer === true;
  } catch (error) {
    // A failure without the members that the condition reads is still that failure.
    if (error instanceof EvaluationError && result.status === 'failed') return undefined;
    throw error;
  }
}

/** Of a failure that the condition takes for none; what failed before it began to change anything is no change. */
function statusOfFine(options: { readonly result: ItemResult; readonly preview: boolean }): ItemResult['status'] {
  if (options.preview) return 'same';
  return options.result.intact === true ? 'ok' : 'changed';
}

function judgeFailed(options: {
  readonly step: ModuleStep;
  readonly scope: Scope;
  readonly result: ItemResult;
}): 'failed' | 'fine' | 'as it was' {
  const { step, scope, result } = options;
  try {
    const answer = judge(step.failedWhen ?? [], scope);
    if (answer instanceof Unknown) return 'as it was';
    return answer === true ? 'failed' : 'fine';
  } catch (error) {
    // A failure without the members that the condition reads is still that failure.
    if (error instanceof EvaluationError && result.status === 'failed') return 'as it was';
    throw error;
  }
}

function changedStatus(status: ItemResult['status'], changed: boolean): ItemResult['status'] {
  const preview = status === 'same' || status === 'change' || status === 'unknown';
  if (preview) return changed ? (status === 'unknown' ? 'unknown' : 'change') : 'same';
  return changed ? 'changed' : 'ok';
}

function restated(
  result: ItemResult,
  options: { readonly status: ItemResult['status']; readonly message?: string },
): ItemResult {
  const { status, message } = options;
  const { message: before, ...rest } = result;
  const text = message ?? (status === 'failed' ? before : undefined);
  const values = withMembers(result.values, {
    changed: status === 'failed' ? wasChanged(result) : status === 'changed' || status === 'change',
    failed: status === 'failed',
  });
  return { ...rest, status, values, ...(text === undefined ? {} : { message: text }) };
}

function wasChanged({ values }: ItemResult): boolean {
  return isValueMap(values) && values['changed'] === true;
}

function untilHolds(options: {
  readonly step: ModuleStep;
  readonly scope: Scope;
  readonly result: ItemResult;
}): boolean {
  const { step, result } = options;
  if (step.until.length === 0) return result.status !== 'failed';
  try {
    return judge(step.until, withResult(step, options.scope, result)) === true;
  } catch (error) {
    // A try that failed need not have the members the condition reads.
    if (error instanceof EvaluationError && result.status === 'failed') return false;
    throw error;
  }
}

function exhausted(options: {
  readonly step: ModuleStep;
  readonly result: ItemResult;
  readonly count: number;
}): ItemResult {
  const { step, result, count } = options;
  const condition = step.until.map(({ source }) => source).join(' and ');
  const why = result.status === 'failed' ? (result.message ?? 'it failed') : `\`${condition}\` never held`;
  const message = `${why} (${count} tries)`;
  return {
    ...result,
    status: 'failed',
    message,
    values: withMembers(result.values, {
      ...registered({ status: 'failed' }),
      changed: wasChanged(result),
      msg: message,
    }),
  };
}

function withResult(step: ModuleStep, scope: Scope, result: ItemResult): Scope {
  return step.register === undefined
    ? scope
    : extendScope(scope, [dataLayer('register', { [step.register]: result.values })]);
}
