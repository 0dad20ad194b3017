import { jsonLine } from '../core/json-line.js';
import type { RunEvent } from '../run/events.js';
import type { Output, Reporter } from './reporter.js';

/** One JSON object a line for each event (docs/events.md): JSON escapes every control character by itself. */
export function createJsonReporter(output: Output): Reporter {
  return {
    event(event: RunEvent): void {
      output.write(`${jsonLine(event)}\n`);
    },
    end: () => Promise.resolve(),
  };
}
