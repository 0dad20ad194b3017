import { Fatal } from '../shared/exit.js';
import { readFlagTable } from '../shared/tsv.js';
import { atLeast, compareVersions, minorOf } from '../shared/version.js';

type Shape = 'value' | 'integer' | 'flag' | 'toggle';

/** Marathon's tables were sampled at one release of each minor, so options come and go with minors. */
function optionsOf(version: string): ReadonlyMap<string, Shape> {
  const minor = minorOf(version);
  const shapes = new Map<string, Shape>();
  for (const row of readFlagTable('marathon')) {
    if (compareVersions(minor, minorOf(row['since'] ?? '0')) < 0) continue;
    if (row['until'] && compareVersions(minor, minorOf(row['until'])) > 0) continue;
    const type = row['type'] ?? '';
    const shape: Shape = type.startsWith('toggle')
      ? 'toggle'
      : type.startsWith('Boolean')
        ? 'flag'
        : type === 'Int' || type === 'Long'
          ? 'integer'
          : 'value';
    shapes.set(row['flag'] ?? '', shape);
  }
  return shapes;
}

/**
 * `MARATHON_*` as arguments. Up to 1.6.3xx a shell loop does it: every `=` of a value becomes a blank, the text `MARATHON_` vanishes, and the rest
 * is split at blanks. Later the values are kept, and an empty one is a flag.
 */
export function argumentsFromEnvironment(version: string, env: NodeJS.ProcessEnv): readonly string[] {
  const entries = Object.entries(env).filter(
    ([name]) => name.startsWith('MARATHON_') && !name.startsWith('MARATHON_APP'),
  );
  if (atLeast(version, '1.6.400')) {
    return entries.flatMap(([name, value]) => [
      `--${name.slice('MARATHON_'.length).toLowerCase()}`,
      ...(value ? [value] : []),
    ]);
  }
  return entries.flatMap(([name, value]) => {
    const [first = '', ...words] = `${name}=${value ?? ''}`
      .replaceAll('MARATHON_', '')
      .replaceAll('=', ' ')
      .split(/\s+/)
      .filter(Boolean);
    return [`--${first.toLowerCase()}`, ...words];
  });
}

/** Options by name; toggles are "true" or "false". Throws a Fatal as Scallop does: unknown, given twice, without a value, left over. */
export function parseOptions(options: {
  version: string;
  env: NodeJS.ProcessEnv;
  argv: readonly string[];
}): ReadonlyMap<string, string> {
  const { version } = options;
  const exitCode = atLeast(version, '1.7.0') ? 112 : 1;
  const fail = (message: string): never => {
    throw new Fatal(`[scallop] Error: ${message}`, exitCode);
  };
  const known = optionsOf(version);
  const words = [...argumentsFromEnvironment(version, options.env), ...options.argv];
  const found = new Map<string, string>();
  const set = (name: string, value: string): void => {
    if (found.has(name))
      fail(
        `Bad arguments for option '${name}': '${found.get(name) ?? ''} ${value}' - you should provide exactly one argument for this option`,
      );
    found.set(name, value);
  };
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const match = /^--([^=]+)(?:=([\s\S]*))?$/.exec(word);
    if (match?.[1] === undefined) fail(`Excess arguments provided: '${word}'`);
    const given = match?.[1] ?? '';
    const off = given.startsWith('disable_') && known.get(given.slice('disable_'.length)) === 'toggle';
    const name = off ? given.slice('disable_'.length) : given;
    const shape = known.get(name) ?? fail(`Unknown option '${given}'`);
    if (shape === 'toggle' || shape === 'flag') {
      if (match?.[2] !== undefined) fail(`Excess arguments provided: '${match[2]}'`);
      set(name, off ? 'false' : 'true');
      continue;
    }
    const next = words[index + 1];
    const value =
      match?.[2] ??
      (next === undefined || next.startsWith('--')
        ? fail(`Bad arguments for option '${name}': '' - you should provide exactly one argument for this option`)
        : next);
    if (match?.[2] === undefined) index += 1;
    if (shape === 'integer' && !/^-?\d+$/.test(value))
      fail(`Bad arguments for option '${name}': '${value}' - bad number`);
    set(name, value);
  }
  if (!found.has('master')) fail("Required option 'master' not found");
  return found;
}
