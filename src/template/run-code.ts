import { createContext, Script } from 'node:vm';
import { didYouMean } from '../core/suggest.js';
import type { Span } from '../core/span.js';
import { EvaluationError, FactsNeeded, UndefinedRead, UnknownRead } from './errors.js';
import type { Scope } from './scope.js';
import { Unknown } from './value.js';
import { view } from './view.js';

/** A template that is still running after this many milliseconds is an endless loop: it would stop every connection's keepalive. */
const timeLimitMilliseconds = 5000;

const context = createContext({ call: (): unknown => undefined });
const caller = new Script('call()');

/** Runs a function that a loop may keep for ever; throws EvaluationError when its time is over. */
export function runWithTimeLimit<T>(action: () => T, span: Span): T {
  let outcome: { readonly value: T } | undefined;
  context['call'] = (): void => {
    outcome = { value: action() };
  };
  try {
    caller.runInContext(context, { timeout: timeLimitMilliseconds });
  } catch (error) {
    // The error comes from another realm: instanceof Error does not hold for it.
    if (
      typeof error === 'object' &&
      error !== null &&
      'code' in error &&
      error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
    ) {
      throw new EvaluationError({
        severity: 'error',
        code: 'template-timeout',
        message: `the template did not end within ${timeLimitMilliseconds / 1000} s`,
        span,
      });
    }
    throw error;
  }
  return outcome?.value as T;
}

/** How rewritten code reads a top-level name. */
export function reader(scope: Scope): (name: string, offset: number) => unknown {
  return (name, offset) => {
    if (!scope.has(name)) {
      if (name === 'omit') return undefined;
      throw new UndefinedRead({ key: name, candidates: () => scope.names(), offset });
    }
    return view(scope.read(name));
  };
}

/** Evaluates a guarded stretch: undefined instead of an error for an undefined name or member. */
export function lenient(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    if (error instanceof UndefinedRead) return undefined;
    throw error;
  }
}

/**
 * Turns what running user code threw into what the callers expect: Unknown is returned, everything else is thrown as
 * EvaluationError with a place. `locate` finds the place of a key or offset in the user's text.
 */
export function settle<T>(action: () => T, locate: (error: UndefinedRead | undefined) => Span): T | Unknown {
  try {
    return action();
  } catch (error) {
    if (error instanceof UnknownRead) return new Unknown(error.reason);
    if (error instanceof FactsNeeded) throw error;
    if (error instanceof EvaluationError) {
      throw error.diagnostic.span ? error : new EvaluationError({ ...error.diagnostic, span: locate(undefined) });
    }
    if (error instanceof UndefinedRead) {
      const hint = didYouMean(error.key, error.candidates());
      throw new EvaluationError({
        severity: 'error',
        code: 'undefined-name',
        message: error.message,
        span: locate(error),
        ...(hint === undefined ? {} : { hint }),
      });
    }
    const message = withoutQuotation(error instanceof Error ? error.message : String(error));
    throw new EvaluationError({ severity: 'error', code: 'template-error', message, span: locate(undefined) });
  }
}

/** JSON.parse quotes a piece of what it refuses: a piece of a secret is not known for one. */
function withoutQuotation(message: string): string {
  return message.replace(
    /^(Unexpected [^]*?), (?:\.\.\.)?"[^]*"(?:\.\.\.)? is not valid JSON$/,
    '$1: this is not valid JSON',
  );
}
