import { libmesosProblem, minimalMesosFor } from '../compatibility.js';
import { compareVersions, isAtLeast, minorOf } from '../version.js';
import { releasesOf } from '../upgrade/releases.js';
import { staleFilesHint } from './stale-files.js';

/** Minor releases of Marathon in their order. */
const minors: readonly string[] = (releasesOf('marathon') ?? []).map(minorOf);

/** Releases that read the state of more than the minor before them (marathon changelog: 1.8 of 1.6 and 1.7). */
const alsoFrom: Readonly<Record<string, string>> = { '1.8': '1.6' };

/** Why Marathon must not go from one version to another in one step; undefined: it may (marathon docs/upgrade, changelog). */
export function marathonPathProblem(from: string, to: string): string | undefined {
  const order = compareVersions(to, from);
  if (order < 0)
    return `Marathon ${from} does not go back to ${to}: its state was migrated when it first led, and nothing migrates it back`;
  const [start, end] = [minors.indexOf(minorOf(from)), minors.indexOf(minorOf(to))];
  if (start === -1 || end === -1 || end - start <= 1 || alsoFrom[minorOf(to)] === minorOf(from)) return undefined;
  const between = minors.slice(start + 1, end).filter((minor) => !isStepOver(minor, end));
  return `Marathon ${from} goes to ${between.join(', then ')} before ${to}: no minor release is skipped`;
}

/** What to do about a version that cannot be reached. */
export function marathonPathHint(from: string, to: string): string {
  return compareVersions(to, from) < 0
    ? `${staleFilesHint({ variable: 'marathon_version', files: to, running: from })}; to go back all the same, stop all instances and restore the backup that was taken before: \`runner restore\``
    : '`runner upgrade` plans the steps between';
}

/** From 1.2 on Marathon elects by another library: an instance of before and one of after do not see each other. */
export function crossesElection(from: string, to: string): boolean {
  return !isAtLeast(from, '1.2.0') && isAtLeast(to, '1.2.0');
}

/** Why a Marathon cannot work with the masters that run; undefined: it can. */
export function marathonMesosProblem(marathon: string, masters: string): string | undefined {
  const minimum = minimalMesosFor(marathon);
  if (minimum !== undefined && !isAtLeast(masters, minimum))
    return `Marathon ${marathon} needs Mesos ${minimum} or later, and the masters run ${masters}`;
  return libmesosProblem(marathon, masters);
}

/** 1.7 need not be taken on the way to 1.8. */
function isStepOver(minor: string, end: number): boolean {
  const shortcut = alsoFrom[minors[end] ?? ''];
  return shortcut !== undefined && minors.indexOf(minor) > minors.indexOf(shortcut);
}
