/** Exit codes of every command (README.md, "Commands"). */
export const exitCode = {
  done: 0,
  hostFailed: 1,
  badInput: 2,
  unreachable: 3,
  changesPending: 4,
  locked: 5,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
