import type { Diagnostics } from '../core/diagnostic.js';
import type { Span } from '../core/span.js';
import { didYouMean } from '../core/suggest.js';
import { describe } from './describe.js';
import { entryOf, isTemplate, type Located, type LocatedMap } from './located.js';
import type { Reader } from './reader.js';

/** A field of a map: how its value is read, and whether it must be there. */
export interface Field<T, Needed extends boolean = boolean> {
  readonly read: Reader<T>;
  readonly needed: Needed;
}

/** A key that must be in the map. */
export function required<T>(read: Reader<T>): Field<T, true> {
  return { read, needed: true };
}

/** A key that may be left out. */
export function optional<T>(read: Reader<T>): Field<T, false> {
  return { read, needed: false };
}

export type Fields = Readonly<Record<string, Field<unknown>>>;

/** What `readFields` gives: a required field has its type, an optional one may be missing. */
export type FieldValues<F extends Fields> = {
  readonly [K in keyof F as F[K] extends Field<unknown, true> ? K : never]: F[K] extends Field<infer T> ? T : never;
} & {
  readonly [K in keyof F as F[K] extends Field<unknown, true> ? never : K]?: F[K] extends Field<infer T> ? T : never;
};

export interface FieldsOptions<F extends Fields> {
  readonly located: Located;
  /** What the map is called in messages: "a play", "the task", "`ssh`". */
  readonly what: string;
  readonly fields: F;
  /** Further allowed keys, read by the caller (the module key of a task). */
  readonly alsoAllowed?: Iterable<string>;
  /** Hints for keys people bring from elsewhere: `gather_facts` → "write `facts`". */
  readonly hints?: Readonly<Record<string, string>>;
  /** "later": a value that is a template is left for the run. Default: a template is judged like any other text. */
  readonly templates?: 'now' | 'later';
  readonly diagnostics: Diagnostics;
}

/**
 * Reads a map with known keys. Unknown keys, missing ones and wrong values are all reported. Undefined when it is no
 * map or a required field is missing or wrong; an optional field that is wrong is left out.
 */
export function readFields<const F extends Fields>(options: FieldsOptions<F>): FieldValues<F> | undefined {
  const { located, what, fields, diagnostics } = options;
  if (located.kind !== 'map') {
    diagnostics.error({
      code: 'wrong-type',
      message: `${what} must be a map, this is ${describe(located)}`,
      span: located.span,
    });
    return undefined;
  }
  checkKeys({ ...options, map: located, allowed: [...Object.keys(fields), ...(options.alsoAllowed ?? [])] });
  const values: Record<string, unknown> = {};
  let complete = true;
  for (const [name, field] of Object.entries(fields)) {
    const entry = entryOf(located, name);
    if (entry !== undefined && options.templates === 'later' && isTemplate(entry.value)) continue;
    const value = entry === undefined ? undefined : field.read(entry.value, { name, diagnostics });
    if (entry === undefined && field.needed) reportMissingKey({ key: name, what, span: located.span, diagnostics });
    if (value !== undefined) values[name] = value;
    else if (field.needed) complete = false;
  }
  return complete ? (values as FieldValues<F>) : undefined;
}

/** A map with known keys as the value of a field. */
export function mapWith<const F extends Fields>(what: string, fields: F): Reader<FieldValues<F>> {
  return (located, { diagnostics }) => readFields({ located, what, fields, diagnostics });
}

/** Reports every key of a map that is not allowed, with a suggestion. */
export function checkKeys(options: {
  readonly map: LocatedMap;
  readonly allowed: Iterable<string>;
  readonly what: string;
  readonly hints?: Readonly<Record<string, string>>;
  readonly diagnostics: Diagnostics;
}): void {
  const { map, what, hints = {}, diagnostics } = options;
  const allowed = new Set(options.allowed);
  for (const entry of map.entries) {
    if (allowed.has(entry.key)) continue;
    reportUnknownKey({
      key: entry.key,
      what,
      allowed,
      span: entry.keySpan,
      hint: Object.hasOwn(hints, entry.key) ? hints[entry.key] : undefined,
      diagnostics,
    });
  }
}

/** Reports one key that is not allowed. Without a hint of its own: "did you mean", or all allowed keys when they are few. */
export function reportUnknownKey(options: {
  readonly key: string;
  readonly what: string;
  readonly allowed: Iterable<string>;
  readonly span: Span;
  readonly hint?: string | undefined;
  readonly diagnostics: Diagnostics;
}): void {
  const allowed = [...options.allowed];
  const few = allowed.length > 0 && allowed.length <= 12 ? `known keys: ${allowed.join(', ')}` : undefined;
  const hint = options.hint ?? didYouMean(options.key, allowed) ?? few;
  options.diagnostics.error({
    code: 'unknown-key',
    message: `${options.what} has no key \`${options.key}\``,
    span: options.span,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Reports a key that must be there and is not. */
export function reportMissingKey(options: {
  readonly key: string;
  readonly what: string;
  readonly span: Span;
  readonly diagnostics: Diagnostics;
}): void {
  const { key, what, span, diagnostics } = options;
  diagnostics.error({ code: 'missing-key', message: `${what} needs the key \`${key}\``, span });
}
