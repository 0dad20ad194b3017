import type { Log } from './log.js';

/** A program that must end: the real one's exit code and words. */
export class Fatal extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.name = 'Fatal';
    this.exitCode = exitCode;
  }
}

export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Ends the process: a Fatal with its own code, anything else with 1. */
export function exitWith(error: unknown, log: Log): never {
  log(reason(error));
  process.exit(error instanceof Fatal ? error.exitCode : 1);
}

/**
 * Process 1 of a container gets no default signal action, so each program asks for one.
 * `onTerminate` runs once; a second signal, or two seconds, end the process regardless.
 */
export function endOnSignals(onTerminate: () => Promise<void> | void, exitCode = 0): void {
  let asked = false;
  const end = (): void => {
    if (asked) process.exit(exitCode);
    asked = true;
    setTimeout(() => process.exit(exitCode), 2_000).unref();
    Promise.resolve(onTerminate()).then(
      () => process.exit(exitCode),
      () => process.exit(exitCode),
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}
