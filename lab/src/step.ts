/** What every step of a long job is handed: the user's wish to stop, and where to say what is going on. */
export interface Step {
  readonly signal: AbortSignal;
  /** One line about what runs right now: it replaces the one before, and is not shown where lines cannot be replaced. */
  readonly say: (line: string) => void;
  /** Something is finished that the user would like to see even in a log file. */
  readonly tell: (line: string) => void;
}
