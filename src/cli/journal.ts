import { openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../core/diagnostic.js';
import type { EventSink, RunEvent } from '../run/events.js';
import { changesIn, endOf } from '../run/journal-changes.js';
import { journalSink, type JournalSummary, readJournal } from '../run/journal.js';
import type { RecordedChange } from '../stack/status/last-change.js';
import { lineFile } from './journal-file.js';
import { makeFolder } from '../modules/support/controller-folder.js';
import { printError } from './terminal.js';

/** Where runs are kept, below the working directory: one folder a run, readable by its owner only. */
export const runsFolder = '.runner/runs';
const eventsFile = 'events.jsonl';

/** Events that are written before anything else happens. */
const lastingKinds: ReadonlySet<RunEvent['kind']> = new Set(['run-start', 'handler-due', 'handler-done', 'run-end']);

/**
 * Opens the journal of a run. What it is given is masked already. What the next run must know (handlers that are due) is
 * on disk before the next thing happens, all else a moment later: a killed run loses no more than its last words.
 * Throws InputError when nothing can be written here, before any host is touched.
 */
export function openJournal(run: string): { readonly folder: string; readonly sink: EventSink; close(): void } {
  const folder = join(runsFolder, run);
  const file = journalled(() => {
    makeFolder(folder);
    return openSync(join(folder, eventsFile), 'ax', 0o600);
  });
  return { folder, ...writer(file) };
}

/** Makes one of the files of a run. Throws InputError when that fails: before any host is touched. */
export function journalled<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    const message = `the run's journal cannot be written: ${error instanceof Error ? error.message : String(error)}`;
    throw new InputError([{ severity: 'error', code: 'journal', message, hint: 'run from a folder you may write to' }]);
  }
}

function writer(file: number): { readonly sink: EventSink; close(): void } {
  const lines = lineFile(file, (reason) => {
    printError(`The run goes on, but its journal cannot be written any more: ${reason}`);
  });
  const write = journalSink((line) => lines.add(line));
  return {
    sink: (event) => {
      write(event);
      if (lastingKinds.has(event.kind)) lines.flush();
    },
    close: () => lines.close(),
  };
}

/** All runs of this folder, the newest first; what is no journal is passed over. */
export function listRuns(): readonly JournalSummary[] {
  return runNames().flatMap((name) => readRun(name) ?? []);
}

/** One run by its id; undefined when there is none. */
export function readRun(run: string): JournalSummary | undefined {
  if (!runNames().includes(run)) return undefined;
  const text = textOf(run);
  return text === undefined ? undefined : readJournal(text);
}

/** The last real run of the same playbooks: handlers that were due when it stopped run in the next. */
export function lastRunOf(playbooks: readonly string[]): JournalSummary | undefined {
  const wanted = JSON.stringify(playbooks);
  for (const name of runNames()) {
    const run = readRun(name);
    if (run !== undefined && !run.preview && JSON.stringify(run.playbooks) === wanted) return run;
  }
  return undefined;
}

/** How far back is read for what changed: older runs say little about what runs now. */
const mostRunsRead = 50;

/** What the runs of this folder have changed, the newest first. */
export function recordedChanges(): readonly RecordedChange[] {
  return runNames()
    .slice(0, mostRunsRead)
    .flatMap((name) => {
      const text = textOf(name);
      const run = text === undefined ? undefined : readJournal(text);
      if (text === undefined || run === undefined || run.preview) return [];
      const ended = endOf(run);
      const about = {
        run: run.run,
        began: run.at,
        ...(run.by === undefined ? {} : { by: run.by }),
        ...(ended === undefined ? {} : { ended }),
      };
      return changesIn(text).map((change) => ({ ...about, ...change }));
    });
}

function textOf(run: string): string | undefined {
  try {
    return readFileSync(join(runsFolder, run, eventsFile), 'utf8');
  } catch {
    return undefined;
  }
}

function runNames(): readonly string[] {
  try {
    return readdirSync(runsFolder).toSorted().toReversed();
  } catch {
    return [];
  }
}
