import type { Diagnostic } from '../core/diagnostic.js';

/** A template or expression could not be evaluated: an undefined name, a wrong type, an exception. The task fails with this place. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';
  readonly diagnostic: Diagnostic;

  constructor(diagnostic: Diagnostic) {
    super(diagnostic.message);
    this.diagnostic = diagnostic;
  }
}

/** Facts of a host were read before they are loaded: the runner reads them and evaluates again. `host` undefined: the current one. */
export class FactsNeeded extends Error {
  override readonly name = 'FactsNeeded';
  readonly host: string | undefined;

  constructor(host?: string) {
    super('facts are not loaded');
    this.host = host;
  }
}

/**
 * An undefined name or missing member was read. Stays inside the room: callers see EvaluationError or a guarded `undefined`.
 * Guarded reads (`x ?? y`) are most of them, so nothing is made that only an uncaught one needs: no stack, no list of keys.
 */
export class UndefinedRead extends Error {
  override readonly name = 'UndefinedRead';
  readonly key: string;
  /** The keys that are there, for "did you mean"; for a member of a map, of that map. */
  readonly candidates: () => readonly string[];
  /** Offset in the code as it was compiled; undefined for a member. */
  readonly offset: number | undefined;

  constructor(options: { key: string; candidates: () => readonly string[]; offset?: number }) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(
      options.offset === undefined
        ? `there is no \`${options.key}\` in this value`
        : `\`${options.key}\` is not defined`,
    );
    Error.stackTraceLimit = stackTraceLimit;
    this.key = options.key;
    this.candidates = options.candidates;
    this.offset = options.offset;
  }
}

/** An unknown value was read: makes the whole expression unknown. Stays inside the room. */
export class UnknownRead extends Error {
  override readonly name = 'UnknownRead';
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}
