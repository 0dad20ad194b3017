import type { RunEvent } from '../run/events.js';

/** Shows a run while it goes on. `event` must not throw and returns at once; `end` settles when all is written. */
export interface Reporter {
  event(event: RunEvent): void;
  end(): Promise<void>;
}

/** Where reporters write: the process's own streams, or a test's. */
export interface Output {
  write(text: string): void;
  readonly columns: number;
}
