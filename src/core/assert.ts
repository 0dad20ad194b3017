/** A mistake of ours, never of the user: caught in one place and printed with "please report". */
export class InternalError extends Error {
  override readonly name = 'InternalError';
}

/** Closes a discriminated union: the compiler refuses a call that is reachable. */
export function assertNever(value: never): never {
  throw new InternalError(`unexpected value: ${JSON.stringify(value)}`);
}

/** Throws InternalError unless the condition holds. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InternalError(message);
}
