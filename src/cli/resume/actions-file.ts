import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ActionMemory, ActionOutcome } from '../../run/actions.js';
import { journalled, runsFolder } from '../journal.js';
import { lineFile } from '../journal-file.js';
import { printError } from '../terminal.js';

/** Beside a run's journal, readable by its owner only: which actions are done, one a line of JSON. */
const actionsFile = 'actions.jsonl';

interface KeptAction extends ActionOutcome {
  readonly host: string;
  readonly key: string;
}

/**
 * The actions of a run. With `after`, those of that run are known, and stand in this run's file from the beginning: a
 * third run can go on with this one wherever it is stopped. Throws InputError when the file cannot be made.
 */
export function openActions(options: {
  readonly run: string;
  readonly after: string | undefined;
}): ActionMemory & { close(): void } {
  const { run, after } = options;
  const earlier = after === undefined ? [] : readActions(after);
  const known = new Map<string, KeptAction[]>();
  for (const action of earlier) known.set(nameOf(action), [...(known.get(nameOf(action)) ?? []), action]);
  const file = journalled(() => openSync(join(runsFolder, run, actionsFile), 'ax', 0o600));
  const lines = lineFile(file, (reason) => {
    printError(`The run goes on, but which commands are done cannot be written any more: ${reason}`);
  });
  for (const action of earlier) lines.add(JSON.stringify(action));
  lines.flush();
  return {
    meet({ host, key }) {
      const found = known.get(nameOf({ host, key }))?.shift();
      return {
        ...(found === undefined || after === undefined ? {} : { earlier: { ...found, run: after } }),
        done(outcome) {
          // What was known stands in the file already, unless it had to be done again.
          if (found !== undefined && outcome.values === undefined) return;
          lines.add(JSON.stringify({ host, key, ...outcome } satisfies KeptAction));
          lines.flush();
        },
      };
    },
    close: () => lines.close(),
  };
}

/** What a run did; a last line that was cut off when it was killed is left out. */
function readActions(run: string): readonly KeptAction[] {
  let text: string;
  try {
    text = readFileSync(join(runsFolder, run, actionsFile), 'utf8');
  } catch {
    // A run of an older version kept none: everything is done again.
    return [];
  }
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as KeptAction];
    } catch {
      return [];
    }
  });
}

function nameOf({ host, key }: Pick<KeptAction, 'host' | 'key'>): string {
  return `${key} ${host}`;
}
