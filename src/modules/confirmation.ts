import type { Resource } from './types.js';

/** Something that is there now and has yet to prove that it lasts (a service that was started). */
export interface Confirmation {
  /** "service:nginx.service": a later change that unsettles it takes its place. */
  readonly subject: Resource;
  /** Seconds from the end of the change until a look says something. */
  readonly after: number;
  /** What the module has to know again by then. */
  readonly memory: Readonly<Record<string, string>>;
}
