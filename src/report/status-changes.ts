import { cleanLine } from './clean.js';
import { uptimeText, type StatusNote } from './status-table.js';

/** When one program was last changed, and by which run. */
export interface ProgramChange {
  readonly host: string;
  readonly component: string;
  readonly secondsAgo: number;
  readonly run?: string;
  readonly by?: string;
}

const subjects = ['Last change', 'Before that'];
const mostNamed = 4;

/** The newest runs that changed something which still runs, and what was changed by no run that is known here. */
export function changeNotes(changes: readonly ProgramChange[]): readonly StatusNote[] {
  const runs = new Map<string, ProgramChange[]>();
  for (const change of changes.toSorted((a, b) => a.secondsAgo - b.secondsAgo)) {
    const key = change.run ?? '';
    const known = runs.get(key);
    if (known === undefined) runs.set(key, [change]);
    else known.push(change);
  }
  const newest = [...runs.values()].slice(0, subjects.length);
  return newest.map((group, index) => ({ subject: subjects[index] ?? '', sentence: sentenceOf(group) }));
}

function sentenceOf(group: readonly ProgramChange[]): string {
  const [first] = group;
  if (first === undefined) return '';
  const what = `${named(
    group.map(({ component }) => component),
    'components',
  )} on ${named(
    group.map(({ host }) => host),
    'hosts',
  )}`;
  const by = first.by === undefined ? '' : ` by ${cleanLine(first.by)}`;
  const run = first.run === undefined ? ', by no run of this folder' : `, run ${cleanLine(first.run)}${by}`;
  return `${uptimeText(first.secondsAgo)} ago${run}: ${what}`;
}

function named(words: readonly string[], noun: string): string {
  const distinct = [...new Set(words.map(cleanLine))];
  return distinct.length > mostNamed ? `${distinct.length} ${noun}` : distinct.join(', ');
}
