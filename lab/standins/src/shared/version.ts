/** Splits `v1.4.1-ubuntu` into its numbers; what is not a number counts as 0. */
function numbers(version: string): readonly number[] {
  return version
    .replace(/^v/, '')
    .split(/[-_]/, 1)
    .join('')
    .split('.')
    .map((part) => Number.parseInt(part, 10) || 0);
}

/** Negative, zero or positive as `left` is older than, equal to or newer than `right`. Missing parts count as 0. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [numbers(left), numbers(right)];
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export function atLeast(version: string, minimum: string): boolean {
  return compareVersions(version, minimum) >= 0;
}

/** True for `from <= version < before`. */
export function within(version: string, from: string, before: string): boolean {
  return atLeast(version, from) && !atLeast(version, before);
}

/** `1.4.1` → `1.4`. */
export function minorOf(version: string): string {
  return numbers(version).slice(0, 2).join('.');
}

/** The version baked into the image as STANDIN_VERSION, without a leading `v`. */
export function bakedVersion(env: NodeJS.ProcessEnv, fallback: string): string {
  return (env['STANDIN_VERSION'] || fallback).replace(/^v/, '');
}
