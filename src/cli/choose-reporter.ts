import { createJsonReporter } from '../report/json.js';
import { createPlainReporter } from '../report/plain.js';
import type { Reporter } from '../report/reporter.js';
import type { OutputOptions } from './options.js';
import { readSource } from './report-error.js';
import { colorsFor, standardOutput } from './terminal.js';

/** Live progress on a terminal, plain lines elsewhere and between the questions of `--step`, JSON lines when asked for. */
export async function chooseReporter(
  options: OutputOptions & { readonly diff?: boolean; readonly step?: boolean },
): Promise<Reporter> {
  const kind =
    options.output ??
    (process.stdout.isTTY && options.step !== true && process.env['TERM'] !== 'dumb' && process.env['CI'] === undefined
      ? 'tty'
      : 'plain');
  const settings = {
    output: standardOutput,
    colors: colorsFor(options),
    verbosity: options.verbose,
    diff: options.diff === true,
    readSource,
  };
  switch (kind) {
    case 'json':
      return createJsonReporter(standardOutput);
    case 'plain':
      return createPlainReporter(settings);
    case 'tty': {
      const { createTtyReporter } = await import('../report/tty.js');
      return createTtyReporter(settings);
    }
  }
}
