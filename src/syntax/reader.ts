import type { Diagnostics } from '../core/diagnostic.js';
import { didYouMean } from '../core/suggest.js';
import { describe, mistypeHint, modeProblem } from './describe.js';
import { isTemplate, type Located, type LocatedMap } from './located.js';
import { parseDuration } from '../core/duration.js';

/** Where a reader stands: what to call the value in messages (`hosts`, `tags[1]`) and where mistakes go. */
export interface Reading {
  readonly name: string;
  readonly diagnostics: Diagnostics;
}

/** Checks a located value and gives what it stands for; undefined when it is wrong, with the mistake in the diagnostics. */
export type Reader<T> = (located: Located, reading: Reading) => T | undefined;

/** Text of any length, the empty one too. */
export function text(): Reader<string> {
  return (located, reading) =>
    located.kind === 'scalar' && typeof located.value === 'string' ? located.value : refuse('text', located, reading);
}

/** Text with at least one character that is no blank. */
export function nonEmptyText(): Reader<string> {
  return (located, reading) => {
    const value = text()(located, reading);
    if (value === undefined || value.trim() !== '') return value;
    return problem({ located, reading, message: `\`${reading.name}\` must not be empty` });
  };
}

/** `true` or `false`; `yes`, `no`, `on` and `off` are refused with a hint. */
export function boolean(): Reader<boolean> {
  return (located, reading) =>
    located.kind === 'scalar' && typeof located.value === 'boolean'
      ? located.value
      : refuse('boolean', located, reading);
}

/** A number, whole or not, within bounds (inclusive). */
export function number(bounds: { readonly minimum?: number; readonly maximum?: number } = {}): Reader<number> {
  return (located, reading) => {
    if (located.kind !== 'scalar' || typeof located.value !== 'number') return refuse('number', located, reading);
    const { value } = located;
    if (bounds.minimum !== undefined && value < bounds.minimum) {
      return problem({
        located,
        reading,
        message: `\`${reading.name}\` must be at least ${bounds.minimum}, this is ${value}`,
      });
    }
    if (bounds.maximum !== undefined && value > bounds.maximum) {
      return problem({
        located,
        reading,
        message: `\`${reading.name}\` must be at most ${bounds.maximum}, this is ${value}`,
      });
    }
    return value;
  };
}

/** A whole number within bounds (inclusive). */
export function integer(bounds: { readonly minimum?: number; readonly maximum?: number } = {}): Reader<number> {
  return (located, reading) => {
    const value = number(bounds)(located, reading);
    if (value === undefined || Number.isInteger(value)) return value;
    return problem({ located, reading, message: `\`${reading.name}\` must be a whole number, this is ${value}` });
  };
}

/** A length of time, "500ms", "30s", "5m", "2h" or a bare number of seconds; gives seconds. */
export function duration(): Reader<number> {
  return (located, reading) => {
    const value = located.kind === 'scalar' ? located.value : undefined;
    const milliseconds = typeof value === 'string' || typeof value === 'number' ? parseDuration(value) : undefined;
    if (milliseconds !== undefined) return milliseconds / 1000;
    return problem({
      located,
      reading,
      message: `\`${reading.name}\` must be a length of time, this is ${describe(located)}`,
      hint: 'write 30 (seconds), 500ms, 30s, 5m or 2h',
    });
  };
}

/** A file mode as quoted octal text, "0644"; gives four digits. */
export function mode(): Reader<string> {
  return (located, reading) => {
    const found = modeProblem(located);
    if (found !== undefined) return problem({ located, reading, ...found });
    const value = text()(located, reading);
    if (value === undefined || /^[0-7]{3,4}$/.test(value)) return value?.padStart(4, '0');
    return problem({
      located,
      reading,
      message: `\`${reading.name}\` must be three or four octal digits`,
      hint: 'write "0644" or "0755"',
    });
  };
}

/** One of a few words. */
export function oneOf<const Choice extends string>(choices: readonly Choice[]): Reader<Choice> {
  return (located, reading) => {
    const value = text()(located, reading);
    if (value === undefined) return undefined;
    const choice = choices.find((candidate) => candidate === value);
    if (choice !== undefined) return choice;
    const hint = didYouMean(value, choices);
    return problem({
      located,
      reading,
      message: `\`${reading.name}\` must be ${oneOfWords(choices)}`,
      ...(hint === undefined ? {} : { hint }),
    });
  };
}

/** A list whose items are read one by one; wrong items are reported and left out. */
export function list<T>(item: Reader<T>): Reader<readonly T[]> {
  return (located, reading) => {
    if (located.kind !== 'list') return refuse('list', located, reading);
    return located.items.flatMap((value, index) => {
      const read = item(value, { ...reading, name: `${reading.name}[${index}]` });
      return read === undefined ? [] : [read];
    });
  };
}

/** One value, or a list of them. */
export function oneOrMany<T>(item: Reader<T>): Reader<readonly T[]> {
  return (located, reading) => {
    if (located.kind === 'list') return list(item)(located, reading);
    const read = item(located, reading);
    return read === undefined ? undefined : [read];
  };
}

/** A map with any keys, its values read one by one; wrong values are reported and left out. */
export function mapOf<T>(value: Reader<T>): Reader<ReadonlyMap<string, T>> {
  return (located, reading) => {
    if (located.kind !== 'map') return refuse('map', located, reading);
    const read = new Map<string, T>();
    for (const entry of located.entries) {
      const item = value(entry.value, { ...reading, name: `${reading.name}.${entry.key}` });
      if (item !== undefined) read.set(entry.key, item);
    }
    return read;
  };
}

/** A map, taken as it is. */
export function anyMap(): Reader<LocatedMap> {
  return (located, reading) => (located.kind === 'map' ? located : refuse('map', located, reading));
}

/** Anything, taken as it is. */
export function any(): Reader<Located> {
  return (located) => located;
}

/**
 * A value that may also be a template: a template is left for the run, anything else is checked now. Gives the located
 * value. Templates within lists and maps are left alone too when the inner reader is itself made of `templated` ones.
 */
export function templated(reader: Reader<unknown>): Reader<Located> {
  return (located, reading) => (isTemplate(located) || reader(located, reading) !== undefined ? located : undefined);
}

/** Reads with the first reader whose kind of value it is; `wanted` says in the message what is accepted. */
export function either<T>(options: {
  readonly wanted: string;
  readonly choose: (located: Located) => Reader<T> | undefined;
}): Reader<T> {
  return (located, reading) => {
    const reader = options.choose(located);
    if (reader !== undefined) return reader(located, reading);
    return problem({
      located,
      reading,
      message: `\`${reading.name}\` must be ${options.wanted}, this is ${describe(located)}`,
    });
  };
}

const wantedWords = {
  text: 'text',
  boolean: 'true or false',
  number: 'a number',
  list: 'a list',
  map: 'a map',
} as const;

function refuse(wanted: keyof typeof wantedWords, located: Located, reading: Reading): undefined {
  const hint = mistypeHint(wanted, located);
  return problem({
    located,
    reading,
    message: `\`${reading.name}\` must be ${wantedWords[wanted]}, this is ${describe(located)}`,
    ...(hint === undefined ? {} : { hint }),
  });
}

function problem(options: {
  readonly located: Located;
  readonly reading: Reading;
  readonly message: string;
  readonly hint?: string;
}): undefined {
  const { located, reading, message, hint } = options;
  reading.diagnostics.error({
    code: 'wrong-type',
    message,
    span: located.span,
    ...(hint === undefined ? {} : { hint }),
  });
  return undefined;
}

/** "`a`", "`a` or `b`", "`a`, `b` or `c`". */
export function oneOfWords(choices: readonly (string | number | boolean | null | undefined | bigint)[]): string {
  const quoted = choices.map((choice) => `\`${String(choice)}\``);
  const last = quoted.pop();
  return quoted.length === 0 ? (last ?? '') : `${quoted.join(', ')} or ${last}`;
}
