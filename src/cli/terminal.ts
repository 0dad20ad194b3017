import { createColors, type Colors } from '../report/colors.js';
import type { Output } from '../report/reporter.js';
import type { OutputOptions } from './options.js';

/** The process's standard output for reporters. */
export const standardOutput: Output = {
  write: (text) => {
    process.stdout.write(text);
  },
  get columns() {
    return process.stdout.columns ?? 80;
  },
};

export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printError(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Colours on a terminal, unless NO_COLOR or --no-color says otherwise; FORCE_COLOR wins over a pipe (https://no-color.org). */
export function colorsFor(
  options: Pick<OutputOptions, 'color'>,
  stream: { readonly isTTY?: boolean } = process.stdout,
): Colors {
  if (options.color === false || (process.env['NO_COLOR'] ?? '') !== '') return createColors(false);
  if ((process.env['FORCE_COLOR'] ?? '0') !== '0') return createColors(true);
  return createColors(stream.isTTY === true && process.env['TERM'] !== 'dumb');
}
