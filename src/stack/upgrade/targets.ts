import type { Diagnostic } from '../../core/diagnostic.js';
import { didYouMean, suggest } from '../../core/suggest.js';
import { compareVersions, minorOf, versionOf } from '../version.js';
import { titleOf, upgradeNames, type UpgradeName } from './components.js';
import { newestOfMinor, releasesOf } from './releases.js';

/** A version as the user wrote it: its number, and what follows it in the tags of some images ("-ubuntu-14.04"). */
export interface TargetVersion {
  readonly number: string;
  readonly suffix: string;
}

/** What a component is to become; versions before the last are stations the user wants on the way. */
export interface Target {
  readonly name: UpgradeName;
  readonly stations: readonly TargetVersion[];
  readonly version: TargetVersion;
}

const shape =
  'write NAME=VERSION, such as `zookeeper=3.8.0`; stations of your own come before it: `marathon=1.5.15,1.6.549`';

/** Names that people try, and what they are called here. */
const otherNames: Readonly<Record<string, string>> = {
  zk: 'zookeeper',
  'mesos-master': 'mesos',
  'mesos-slave': 'mesos',
  'mesos-agent': 'mesos',
  mesos_master: 'mesos',
  mesos_slave: 'mesos',
  'docker-engine': 'docker',
};

/** Reads `NAME=VERSION[,…]` of the command line; every mistake is told. */
export function readTargets(words: readonly string[]): {
  readonly targets: readonly Target[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const mistake = (code: string, message: string, hint?: string): void => {
    diagnostics.push({ severity: 'error', code, message, ...(hint === undefined ? {} : { hint }) });
  };
  const targets = new Map<UpgradeName, Target>();
  if (words.length === 0) mistake('no-component', 'nothing is named to upgrade', shape);
  for (const word of words) {
    const [, given = '', versions = ''] = /^([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    const name = upgradeNames.find((each) => each === given);
    if (name === undefined) {
      mistake('unknown-component', unknownComponent(given), hintOfName(given));
      continue;
    }
    if (versions === '') {
      mistake('no-version', `\`${word}\` says no version`, shape);
      continue;
    }
    if (targets.has(name)) {
      mistake('twice', `${titleOf(name)} is named twice`, `write the stations in their order: \`${name}=A,B\``);
      continue;
    }
    const read = versions.split(',').map((text) => readVersion(name, text.trim()));
    for (const each of read) if (each.kind === 'mistake') mistake('unknown-version', each.message, each.hint);
    const known = read.flatMap((each) => (each.kind === 'version' ? [each.version] : []));
    const last = known.at(-1);
    if (last === undefined || known.length < read.length) continue;
    const falling = known.find((each, index) => index > 0 && !rises(known[index - 1], each));
    if (falling !== undefined)
      mistake('station-order', `the stations of ${titleOf(name)} do not rise: ${versions}`, 'write the oldest first');
    else targets.set(name, { name, stations: known.slice(0, -1), version: last });
  }
  return { targets: upgradeNames.flatMap((name) => targets.get(name) ?? []), diagnostics };
}

function rises(before: TargetVersion | undefined, after: TargetVersion): boolean {
  return before === undefined || compareVersions(after.number, before.number) > 0;
}

function unknownComponent(given: string): string {
  if (given === 'haproxy') return 'HAProxy comes with the image of Bamboo and has no version of its own here';
  return `there is no component \`${given}\` to upgrade`;
}

function hintOfName(given: string): string {
  if (given === 'haproxy') return 'upgrade Bamboo: `bamboo=VERSION`';
  const other = otherNames[given.toLowerCase()];
  if (other === 'mesos') return 'masters and agents go together: `mesos=VERSION`';
  if (other !== undefined) return `it is called \`${other}\``;
  return didYouMean(given, upgradeNames) ?? `the components are ${upgradeNames.join(', ')}`;
}

type ReadVersion =
  | { readonly kind: 'version'; readonly version: TargetVersion }
  | { readonly kind: 'mistake'; readonly message: string; readonly hint?: string };

function readVersion(name: UpgradeName, text: string): ReadVersion {
  const match = /^v?(\d+\.\d+\.\d+)((?:[-+~][\w.+~-]*)?)$/.exec(text);
  const title = titleOf(name);
  if (match?.[1] === undefined) {
    const near = versionOf(text);
    const example = near === undefined ? undefined : newestOfMinor(name, near);
    const message = `\`${text}\` is no whole version of ${title}`;
    const hint =
      example === undefined ? shape : `a version has three numbers; the newest known of that line is ${example}`;
    return { kind: 'mistake', message, hint };
  }
  const number = match[1];
  const releases = releasesOf(name);
  const isKnown = releases === undefined || releases.some((release) => minorOf(release) === minorOf(number));
  if (isKnown) return { kind: 'version', version: { number, suffix: match[2] ?? '' } };
  const near = suggest(number, releases);
  const last = releases.at(-1) ?? '';
  const hint =
    near === undefined
      ? `the newest known version is ${last}`
      : `did you mean ${near}? The newest known version is ${last}`;
  return { kind: 'mistake', message: `no ${title} ${number} is known, and no path to it`, hint };
}
