import { wrapped } from '../report/cells.js';
import { createColors, type Colors } from '../report/colors.js';
import type { Output } from '../report/reporter.js';
import type { OutputOptions } from './options.js';

let gathering = false;

/** Lets what reporters wrote go at once: before anybody else says something on the terminal. */
export function flushOutput(): void {
  if (!gathering) return;
  gathering = false;
  process.stdout.uncork();
}

// Our own mistake may end the process before the next tick.
process.once('exit', flushOutput);

/** The process's standard output for reporters. What is written before Node next waits for something leaves in one go. */
export const standardOutput: Output = {
  write: (text) => {
    if (!gathering) {
      gathering = true;
      process.stdout.cork();
      process.nextTick(flushOutput);
    }
    process.stdout.write(text);
  },
  get columns() {
    return process.stdout.columns ?? 80;
  },
};

/** A sentence as a terminal takes it, folded between its words, later lines indented; as it is where it goes to a file. */
export function folded(
  text: string,
  { indent, columns }: { readonly indent: string; readonly columns: number | undefined },
): string {
  if (columns === undefined) return text;
  const words = text.trimStart();
  const lead = text.slice(0, text.length - words.length);
  return lead + wrapped(words, Math.max(20, columns - Math.max(indent.length, lead.length))).join(`\n${indent}`);
}

export function printLine(text: string): void {
  flushOutput();
  process.stdout.write(`${text}\n`);
}

const draining = new Map<NodeJS.WriteStream, Promise<void>>();

/** Prints lines in one go. When the reader (a pipe, a pager) does not keep up: a promise that it has taken them. */
export function printLines(
  lines: readonly string[],
  stream: NodeJS.WriteStream = process.stdout,
): Promise<void> | undefined {
  // A reader that has seen enough (`| head`) is gone.
  if (lines.length === 0 || !stream.writable) return undefined;
  if (stream.write(`${lines.join('\n')}\n`)) return undefined;
  const already = draining.get(stream);
  if (already !== undefined) return already;
  const drained = new Promise<void>((resolve) => {
    const events = ['drain', 'close', 'error'];
    const done = (): void => {
      for (const event of events) stream.off(event, done);
      draining.delete(stream);
      resolve();
    };
    for (const event of events) stream.on(event, done);
  });
  draining.set(stream, drained);
  return drained;
}

export function printError(text: string): void {
  flushOutput();
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
