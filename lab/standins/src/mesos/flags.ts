import { Fatal } from '../shared/exit.js';
import { readFlagTable } from '../shared/tsv.js';
import { atLeast, compareVersions } from '../shared/version.js';
import { checkedValue, parseBoolean, parseDuration } from './flag-values.js';

interface FlagDefinition {
  readonly flag: string;
  readonly type: string;
  readonly oldName: string;
}

export interface MesosFlags {
  readonly given: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
  readonly text: (flag: string) => string | undefined;
  readonly number: (flag: string, fallback: number) => number;
  readonly boolean: (flag: string, fallback: boolean) => boolean;
  /** Milliseconds. */
  readonly duration: (flag: string, fallback: string) => number;
}

/** The flags that `program` has at `version`, old aliases left aside. */
export function flagsOf(program: 'mesos-master' | 'mesos-slave', version: string): readonly FlagDefinition[] {
  return [...readFlagTable(program), ...readFlagTable('mesos-logging')]
    .filter(
      (row) => atLeast(version, row['since'] ?? '0') && (!row['until'] || compareVersions(version, row['until']) <= 0),
    )
    .map((row) => ({ flag: row['flag'] ?? '', type: row['type'] ?? '', oldName: row['old_name'] ?? '' }));
}

/** `--x=1`, `--x`, `--no-x`. Stout knows no `--x 1`, and words that are no flags are left alone. */
function fromArguments(argv: readonly string[], isBoolean: (name: string) => boolean | undefined): Map<string, string> {
  const found = new Map<string, string>();
  for (const argument of argv) {
    if (argument === '--') break;
    if (!argument.startsWith('--')) continue;
    const [, name = '', value] = /^--([^=]*)(?:=([\s\S]*))?$/.exec(argument) ?? [];
    const negated = value === undefined && name.startsWith('no-') && isBoolean(name) === undefined;
    const flag = negated ? name.slice('no-'.length) : name;
    const boolean = isBoolean(flag);
    if (boolean === undefined)
      throw new Fatal(`Failed to load unknown flag '${flag}'${negated ? ` via '${name}'` : ''}`);
    if (value === undefined && !boolean)
      throw new Fatal(`Failed to load non-boolean flag '${flag}'${negated ? ` via '${name}'` : ': Missing value'}`);
    if (found.has(flag)) throw new Fatal(`Duplicate flag '${flag}' on command line`);
    found.set(flag, value ?? (negated ? 'false' : 'true'));
  }
  return found;
}

/**
 * Loads flags by the rules of stout (components.md 2.1): `MESOS_*` first, unknown ones ignored; the command line wins and unknown flags
 * are fatal there; an old and a new name of one flag together are fatal.
 */
export function loadFlags(options: {
  program: 'mesos-master' | 'mesos-slave';
  version: string;
  env: NodeJS.ProcessEnv;
  argv: readonly string[];
}): MesosFlags {
  const byName = new Map<string, FlagDefinition>();
  const definitions = flagsOf(options.program, options.version);
  for (const definition of definitions) if (definition.oldName !== '') byName.set(definition.oldName, definition);
  for (const definition of definitions) byName.set(definition.flag, definition);

  const fromEnvironment = new Map<string, string>();
  for (const [key, value] of Object.entries(options.env)) {
    if (!key.startsWith('MESOS_') || value === undefined) continue;
    const name = key.slice('MESOS_'.length).toLowerCase();
    if (byName.has(name)) fromEnvironment.set(name, value);
  }
  const isBoolean = (name: string): boolean | undefined => {
    const definition = byName.get(name);
    return definition && (definition.type === 'bool' || definition.flag === 'help');
  };
  const given: Record<string, string> = {};
  const via = new Map<string, string>();
  const warnings: string[] = [];
  for (const [name, value] of new Map([...fromEnvironment, ...fromArguments(options.argv, isBoolean)])) {
    const definition = byName.get(name);
    if (definition === undefined) continue;
    const other = via.get(definition.flag);
    if (other !== undefined) throw new Fatal(`Flag '${name}' is already loaded via name '${other}'`);
    if (name !== definition.flag) warnings.push(`Loaded deprecated flag '${name}' (now '${definition.flag}')`);
    via.set(definition.flag, name);
    given[definition.flag] = checkedValue(name, definition.type, value);
  }
  const text = (flag: string): string | undefined => given[flag];
  return {
    given,
    warnings,
    text,
    number: (flag, fallback) => (given[flag] === undefined ? fallback : Number(given[flag])),
    boolean: (flag, fallback) => (given[flag] === undefined ? fallback : (parseBoolean(given[flag]) ?? fallback)),
    duration: (flag, fallback) => parseDuration(given[flag] ?? fallback) ?? 0,
  };
}
