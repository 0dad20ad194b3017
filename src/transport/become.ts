import { quote } from '../shell/quote.js';
import { becomeBootScript } from './bootstrap.js';
import type { Become, BecomeFailureReason } from './types.js';

/**
 * The program that becomes another user and there waits for the next program line. The prompt is random and goes into
 * sudo's own `-p`, so no text of a profile, banner or lecture is ever taken for it; the password only ever goes over
 * stdin. LC_ALL=C makes refusals readable; it is put back before the user's program runs.
 */
export function becomeProgram(options: {
  readonly become: Become;
  readonly token: string;
  readonly prompt: string;
  /** A sudo with `requiretty` only wants a terminal to exist: `script` gives one, the streams stay ours. */
  readonly terminal: boolean;
}): string {
  const { become, terminal } = options;
  const boot = quote(becomeBootScript(options.token));
  const shell = `/bin/sh -c ${boot} sh "$w"`;
  const command =
    become.method === 'sudo'
      ? `sudo -H -S -p ${quote(options.prompt)} -u ${quote(become.user)} -- ${shell}`
      : `su -s /bin/sh -c ${quote(`exec ${shell}`)} ${quote(become.user)}`;
  const locale = `w=\${LC_ALL-}; LC_ALL=C; export LC_ALL\n`;
  if (!terminal) return `${locale}${become.method === 'su' ? 'export w\n' : ''}exec ${command}`;
  const inner = quote(`exec ${command} <&3 >&4 2>&5 3<&- 4>&- 5>&-`);
  return `${locale}SHELL=/bin/sh; export SHELL w\nexec 3<&0 4>&1 5>&2\nexec script -qec ${inner} /dev/null </dev/null >/dev/null 2>&1`;
}

/** How often the password was asked for in what stderr gave so far. */
export function promptsIn(text: string, method: Become['method'], prompt: string): number {
  if (method === 'sudo') return text.split(prompt).length - 1;
  // su's prompt cannot be chosen; under LC_ALL=C it ends the text, since su then waits.
  return /password[^\n:]*:\s*$/i.test(text) ? 1 : 0;
}

const refusals: readonly (readonly [RegExp, BecomeFailureReason])[] = [
  [/unknown user|unknown uid|no such user|user \S+ does not exist|invalid user/i, 'unknown-user'],
  [/not in the sudoers|not allowed to|may not run sudo|not permitted/i, 'not-allowed'],
  [/incorrect password|sorry, try again|incorrect authentication|authentication failure/i, 'password-wrong'],
  [/a password is required|no password was provided/i, 'password-missing'],
  [/(sudo|su|script): (command )?not found|(sudo|su|script): inaccessible/i, 'no-such-command'],
];

/** Whether sudo refused only because it has no terminal (`requiretty`). */
export function wantsTerminal(text: string): boolean {
  return /must have a tty|no tty present/i.test(text);
}

/** Why becoming failed, from what was asked and what the host said. */
export function becomeFailure(options: {
  readonly text: string;
  readonly prompts: number;
  readonly passwordSent: boolean;
}): BecomeFailureReason {
  if (options.prompts > 0 && !options.passwordSent) return 'password-missing';
  if (options.prompts > 1) return 'password-wrong';
  return refusals.find(([pattern]) => pattern.test(options.text))?.[1] ?? 'other';
}

/** The sentence for a person, with the host's own words where they add something. */
export function becomeFailureMessage(options: {
  readonly reason: BecomeFailureReason;
  readonly become: Become;
  readonly host: string;
  readonly words: string;
}): string {
  const { reason, become, host } = options;
  const who = `${become.method} to ${become.user} on ${host}`;
  const said = options.words === '' ? '' : `: ${options.words}`;
  switch (reason) {
    case 'password-missing':
      return `${who} asks for a password and none was given`;
    case 'password-wrong':
      return `${who}: the password is wrong`;
    case 'not-allowed':
      return `${who} is not allowed${said}`;
    case 'unknown-user':
      return `${who}: there is no such user${said}`;
    case 'no-such-command':
      return `${who}: the command is not there${said}`;
    case 'other':
      return `${who} failed${said}`;
  }
}
