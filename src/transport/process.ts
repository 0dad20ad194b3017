import type { Readable, Writable } from 'node:stream';

/** How a process ended, as its own channel tells it. `lost`: the channel ended and nobody said how. */
export type ProcessEnd =
  | { readonly kind: 'code'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'lost'; readonly message: string };

/**
 * A process with its three streams, on a channel of an SSH connection or as a child of the controller. It leads a
 * process group of its own: sshd gives every channel a session, `local` spawns detached.
 */
export interface ChannelProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles (never rejects) as soon as the process has ended; output may still be under way. */
  readonly exited: Promise<ProcessEnd>;
  /** Settles (never rejects) when the output is complete too. A daemon that keeps stdout open delays it for ever. */
  readonly closed: Promise<void>;
  /** Gives the channel up: the far side sees the end of its stdin. */
  release(): void;
}
