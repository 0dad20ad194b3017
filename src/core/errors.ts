/** Why a host could not be reached, by kind, so that a report can say what to do about it. */
export type UnreachableReason =
  | 'refused'
  | 'timeout'
  | 'name-not-found'
  | 'network'
  | 'authentication'
  | 'host-key'
  | 'negotiation'
  | 'jump-host'
  | 'lost'
  | 'shell';

/** A host could not be reached, or its connection was lost: class "unreachable", never "failed". */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
  readonly host: string;
  readonly reason: UnreachableReason;
  readonly hint: string | undefined;

  constructor(options: { host: string; reason: UnreachableReason; message: string; hint?: string; cause?: unknown }) {
    super(options.message, { cause: options.cause });
    this.host = options.host;
    this.reason = options.reason;
    this.hint = options.hint;
  }
}

/** The run was cancelled by the user (SIGINT, SIGTERM) or by a fatal error elsewhere. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
}
