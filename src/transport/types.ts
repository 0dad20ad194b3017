import type { Duplex } from 'node:stream';
import type { ShellText } from '../shell/text.js';
import type { OverflowFile } from './output.js';

/** How a command ended. Only `code` 0 is success: a channel that just ends without an exit event is `lost`. */
export type ExecEnd =
  | { readonly kind: 'code'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'timeout'; readonly seconds: number }
  | { readonly kind: 'lost'; readonly message: string };

export interface ExecResult {
  readonly end: ExecEnd;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Bytes left out of the middle of each stream (a notice stands in their place): of a stream above 10 MiB its first and last MiB are kept. */
  readonly omitted?: { readonly stdout: number; readonly stderr: number };
}

/** Run as another user. The password is fed only after sudo's own (random) prompt was seen, never blindly. */
export interface Become {
  readonly method: 'sudo' | 'su';
  readonly user: string;
  readonly password?: string;
}

export interface ScriptRequest {
  readonly script: ShellText;
  /**
   * A look whose answer is only worth having if it costs nobody any waiting: sent at once behind the script under way,
   * and dropped (its end is `lost`) when it holds up a later script. Only `script` knows it.
   */
  readonly ahead?: boolean;
  readonly stdin?: Buffer;
  readonly become?: Become;
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
}

export interface ExecRequest extends ScriptRequest {
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
  /**
   * Called with whole lines (decoded, not yet cleaned for a terminal) as they come, all that came together at once. Until a
   * promise it gives settles, nothing more of that stream is taken: the far side waits with its output.
   */
  readonly onLines?: (lines: readonly string[], stream: 'stdout' | 'stderr') => void | Promise<void>;
  /** Opens a file for all of a stream that is too long for the result. */
  readonly overflow?: (stream: 'stdout' | 'stderr') => OverflowFile;
}

export interface WriteRequest {
  readonly path: string;
  readonly source:
    | { readonly kind: 'bytes'; readonly bytes: Buffer }
    /** Without its SHA-256 a file is summed while it is sent. */
    | { readonly kind: 'file'; readonly path: string; readonly size: number; readonly sha256?: string };
  /** Four octal digits. */
  readonly mode?: string;
  readonly owner?: string;
  readonly group?: string;
  /** Shell command, `%s` is the temporary file's quoted path; must exit 0 before the rename. */
  readonly validate?: string;
  readonly backup?: boolean;
  readonly become?: Become;
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
}

export type WriteResult =
  /** `sha256`: what was taken while a file was sent. */
  | { readonly kind: 'written'; readonly backup?: string; readonly sha256?: string }
  /** `message` holds the host's own words (ENOSPC, EROFS, the validator's output); the old file is untouched, the temporary one is gone. */
  | {
      readonly kind: 'failed';
      readonly stage: 'write' | 'check' | 'validate' | 'owner' | 'rename';
      readonly message: string;
    }
  | { readonly kind: 'lost'; readonly message: string };

/**
 * One connection to one host (or to the controller itself). Nothing here throws for what a command does; a lost
 * connection is an `ExecEnd` of kind `lost` for what was under way. What could not even be started (the connection is
 * gone, a channel refused, sudo's password wrong) throws UnreachableError or BecomeError.
 */
export interface Session {
  readonly host: string;
  /** A user's command: its own channel and process group, stdin (default /dev/null), killed as a group on timeout or cancel. */
  exec(request: ExecRequest): Promise<ExecResult>;
  /** The runner's own looks and changes: through a long-lived `sh` per become user, framed and length-prefixed replies. */
  script(request: ScriptRequest): Promise<ExecResult>;
  /** A command's stdin and stdout as a stream on a channel of its own; stderr is kept for the error when it ends badly. */
  open(request: {
    readonly command: ShellText;
    readonly become?: Become;
    readonly signal?: AbortSignal;
  }): Promise<Duplex>;
  /** Temporary file beside the target, checked (size and SHA-256), owner and mode set, validated, renamed. */
  write(request: WriteRequest): Promise<WriteResult>;
  /** Reads a file of the host: whole into memory, or into `sink` in constant memory. */
  read(request: ReadRequest): Promise<ReadResult>;
  /** Settles (never rejects) when the connection is gone, with the reason; undefined after close(). */
  readonly closed: Promise<string | undefined>;
  /** With a patience (milliseconds) a host that has not answered by then is cut off. */
  close(patience?: number): Promise<void>;
}

export interface ReadRequest {
  readonly path: string;
  readonly become?: Become;
  /** A larger file is a failure. Default: 64 MiB without a sink, none with one. */
  readonly maximumBytes?: number;
  readonly signal?: AbortSignal;
  /** Gets the bytes as they come, awaited one after another; the result's own `bytes` are then empty. */
  readonly sink?: (chunk: Buffer) => Promise<void>;
}

export type ReadResult =
  | { readonly kind: 'file'; readonly bytes: Buffer }
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'lost'; readonly message: string };

/** sudo or su refused: the task fails (it is not unreachable). `reason` tells a missing password from a wrong one. */
export type BecomeFailureReason =
  | 'password-missing'
  | 'password-wrong'
  | 'not-allowed'
  | 'unknown-user'
  | 'no-such-command'
  | 'other';

export class BecomeError extends Error {
  override readonly name = 'BecomeError';
  readonly reason: BecomeFailureReason;

  constructor(reason: BecomeFailureReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
