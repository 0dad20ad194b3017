import { readFileSync } from 'node:fs';
import { Fatal, reason } from '../shared/exit.js';

const durations: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  secs: 1_000,
  mins: 60_000,
  hrs: 3_600_000,
  days: 86_400_000,
  weeks: 604_800_000,
};

/** `75secs` → 75000 milliseconds; undefined when it is no duration (`5min` and `5m` are none). */
export function parseDuration(value: string): number | undefined {
  const match = /^([\d.]+)(ns|us|ms|secs|mins|hrs|days|weeks)$/.exec(value);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return Number(match[1]) * (durations[match[2]] ?? 0);
}

/** `true`, `1` and empty are true, `false` and `0` false; anything else is undefined. */
export function parseBoolean(value: string): boolean | undefined {
  if (value === '' || value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0') return false;
  return undefined;
}

const checks: readonly {
  readonly types: readonly string[];
  readonly valid: (value: string) => boolean;
  readonly what: string;
}[] = [
  {
    types: ['bool'],
    valid: (value) => parseBoolean(value) !== undefined,
    what: 'Expecting a boolean (e.g., true or false)',
  },
  {
    types: ['Duration', 'opt<Duration>'],
    valid: (value) => parseDuration(value) !== undefined,
    what: 'Unknown duration unit or invalid duration',
  },
  {
    types: ['int', 'opt<int>', 'size_t', 'opt<size_t>', 'uint16_t'],
    valid: (value) => /^-?\d+$/.test(value),
    what: 'Failed to convert into an integer',
  },
  {
    types: ['double'],
    valid: (value) => value !== '' && Number.isFinite(Number(value)),
    what: 'Failed to convert into a number',
  },
  {
    types: ['Bytes', 'opt<Bytes>'],
    valid: (value) => /^\d+(B|KB|MB|GB|TB)$/.test(value),
    what: 'Expecting bytes (e.g., 64MB)',
  },
];

/** The value as the program will see it (`file://` read); throws a Fatal when it does not fit the flag's type. */
export function checkedValue(flag: string, type: string, given: string): string {
  let value = given;
  if (given.startsWith('file://')) {
    try {
      value = readFileSync(given.slice('file://'.length), 'utf8').trim();
    } catch (error) {
      throw new Fatal(`Failed to load value '${given}' for flag '${flag}': ${reason(error)}`);
    }
  }
  const check = checks.find((candidate) => candidate.types.includes(type));
  if (check && !check.valid(value))
    throw new Fatal(`Failed to load value '${value}' for flag '${flag}': ${check.what}`);
  return value;
}
