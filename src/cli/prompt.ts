import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { InputError } from '../core/diagnostic.js';
import type { Masker } from '../shell/masker.js';
import { CancelledError } from '../core/errors.js';
import { flushOutput } from './terminal.js';

/** Asks on the terminal and does not echo the answer. Throws InputError without a terminal to ask on. */
export async function askSecret(question: string): Promise<string> {
  requireTerminal(question);
  const silent = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  // Only now, when the terminal echoes nothing any more: an answer may come as soon as the question is seen.
  process.stderr.write(question);
  try {
    return await lines.question('');
  } catch (error) {
    throw interruptionOf(error);
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

/** Of the login and of becoming another user. */
export interface Passwords {
  readonly login: string | undefined;
  readonly become: string | undefined;
}

/** The passwords that -k and -K ask for; the masker knows them from then on. */
export async function askPasswords(
  options: { readonly askPass?: boolean; readonly askBecomePass?: boolean },
  masker: Masker,
): Promise<Passwords> {
  const login = options.askPass === true ? await askSecret('SSH password: ') : undefined;
  const become = options.askBecomePass === true ? await askSecret('BECOME password: ') : undefined;
  for (const secret of [login, become]) if (secret !== undefined) masker.learn(secret);
  return { login, become };
}

/** Asks a question with a choice of one-letter answers; the first is the default. Throws InputError without a terminal. */
export async function askChoice<const T extends string>(question: string, choices: readonly T[]): Promise<T> {
  requireTerminal(question);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    for (;;) {
      const answer = (await lines.question(`${question} (${choices.join('/')}) `)).trim().toLowerCase();
      const chosen = answer === '' ? choices[0] : choices.find((choice) => choice.startsWith(answer));
      if (chosen !== undefined) return chosen;
    }
  } catch (error) {
    throw interruptionOf(error);
  } finally {
    lines.close();
  }
}

/** Asks for a word that must be typed in full. Throws InputError without a terminal. */
export async function askWord(question: string): Promise<string> {
  requireTerminal(question, 'run it on a terminal; `--check` only shows it, `--yes` says yes');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await lines.question(`${question} `)).trim();
  } catch (error) {
    throw interruptionOf(error);
  } finally {
    lines.close();
  }
}

function requireTerminal(question: string, hint = 'run it on a terminal; a password may stand in the inventory'): void {
  flushOutput();
  if (process.stdin.isTTY) return;
  throw new InputError([
    {
      severity: 'error',
      code: 'no-terminal',
      message: `cannot ask "${question}" without a terminal`,
      hint,
    },
  ]);
}

/** Readline takes Ctrl-C at a question for itself: it is given on to whoever waits for the signal. */
function interruptionOf(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'AbortError') return error;
  process.kill(process.pid, 'SIGINT');
  return new CancelledError('interrupted at a question');
}
