import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { InputError } from '../core/diagnostic.js';

/** Asks on the terminal and does not echo the answer. Throws InputError without a terminal to ask on. */
export async function askSecret(question: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new InputError([
      {
        severity: 'error',
        code: 'no-terminal',
        message: `cannot ask "${question}" without a terminal`,
        hint: 'put the password in the inventory, or use a key',
      },
    ]);
  }
  process.stderr.write(question);
  const silent = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await lines.question('');
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

/** Asks a question with a choice of one-letter answers; the first is the default. */
export async function askChoice<const T extends string>(question: string, choices: readonly T[]): Promise<T> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    for (;;) {
      const answer = (await lines.question(`${question} (${choices.join('/')}) `)).trim().toLowerCase();
      const chosen = answer === '' ? choices[0] : choices.find((choice) => choice.startsWith(answer));
      if (chosen !== undefined) return chosen;
    }
  } finally {
    lines.close();
  }
}
