// By file: the whole package is 50 of them, read at every start.
import coerce from 'semver/functions/coerce.js';
import compare from 'semver/functions/compare.js';

/** The version in a tag or in a program's words: "v1.5.15", "0.28.1-ubuntu-14.04", "3.8.0--1, built on …"; undefined when there is none. */
export function versionOf(text: string | undefined): string | undefined {
  return coerce(text ?? '')?.version;
}

/** Negative, zero or positive, as sorting wants it. Throws TypeError for what is no version. */
export function compareVersions(left: string, right: string): number {
  return compare(left, right);
}

/** Whether `version` is `least` or later. */
export function isAtLeast(version: string, least: string): boolean {
  return compareVersions(version, least) >= 0;
}

/** Whether two texts mean the same version; unknown ones do not contradict. */
export function sameVersion(left: string | undefined, right: string | undefined): boolean {
  const [one, other] = [versionOf(left), versionOf(right)];
  return one === undefined || other === undefined || one === other;
}

/** "3.8" of "3.8.4". */
export function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}
