/** What every step of a long job is handed: the user's wish to stop, and where to say what is going on. */
export interface Step {
  readonly signal: AbortSignal;
  /** One line about what runs right now; it replaces the one before. */
  readonly say: (line: string) => void;
}
