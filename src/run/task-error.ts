import { InputError } from '../core/diagnostic.js';
import { CancelledError, UnreachableError } from '../core/errors.js';
import { ModuleFailure } from '../modules/types.js';
import { WordError } from '../shell/quote.js';
import { EvaluationError, FactsNeeded } from '../template/errors.js';
import { BecomeError } from '../transport/types.js';
import { type ItemResult, registered, unknown } from './result.js';
import { UnknownValue } from './unknown-value.js';

/** A task's own time is over. */
export class TaskTimeout extends Error {
  override readonly name = 'TaskTimeout';

  constructor(seconds: number) {
    super(`the task did not end within its timeout of ${seconds} s and was stopped`);
  }
}

/**
 * What a task's error makes of it. Classes are never mixed: a lost host is unreachable, a refused sudo or a module's
 * failure is failed. Throws again what is no task's business (a mistake of ours, a mistake in an included file).
 */
export function resultOfError(error: unknown, options: { readonly cancelled: boolean }): ItemResult {
  if (options.cancelled || error instanceof CancelledError) {
    return { ...failed('interrupted: the run was cancelled'), interrupted: true };
  }
  if (error instanceof UnreachableError) {
    const { message, hint } = error;
    return {
      ...failed(message),
      status: 'unreachable',
      unreachable: error,
      values: registered({ status: 'unreachable', message }),
      ...hinted(hint),
    };
  }
  if (error instanceof EvaluationError) {
    const { diagnostic } = error;
    return { ...failed(error.message), diagnostic, ...hinted(diagnostic.hint) };
  }
  if (error instanceof ModuleFailure) {
    return {
      ...failed(error.message),
      values: registered({ status: 'failed', values: error.values, message: error.message }),
    };
  }
  if (error instanceof BecomeError || error instanceof TaskTimeout || error instanceof WordError)
    return failed(error.message);
  if (error instanceof UnknownValue) return unknown(error.value);
  throw error;
}

/** Whether an error is one that a task may end with: its own, or one of the host, the run or the user's files. */
export function isTaskError(error: unknown): boolean {
  return taskErrors.some((kind) => error instanceof kind);
}

const taskErrors = [
  BecomeError,
  CancelledError,
  EvaluationError,
  FactsNeeded,
  InputError,
  ModuleFailure,
  TaskTimeout,
  UnknownValue,
  UnreachableError,
  WordError,
] as const;

export function failed(message: string): ItemResult {
  return { status: 'failed', message, changes: [], values: registered({ status: 'failed', message }), warnings: [] };
}

function hinted(hint: string | undefined): { readonly hint?: string } {
  return hint === undefined ? {} : { hint };
}
