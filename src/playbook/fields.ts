import type { Diagnostics } from '../core/diagnostic.js';
import { describe } from '../syntax/describe.js';
import type { LocatedEntry, LocatedList, LocatedMap } from '../syntax/located.js';
import { isTemplate } from '../syntax/located.js';
import { anyMap, boolean, integer, oneOf, type Reader, text } from '../syntax/reader.js';

/** Reads the value of an entry; what is wrong is reported under the entry's key. */
export function readEntry<T>(
  entry: LocatedEntry,
  options: { readonly reader: Reader<T>; readonly diagnostics: Diagnostics },
): T | undefined {
  return options.reader(entry.value, { name: entry.key, diagnostics: options.diagnostics });
}

/** Reports that a field holds the wrong kind of value; gives undefined, so that a reader can return it. */
export function wrongType(
  entry: LocatedEntry,
  options: { readonly expected: string; readonly diagnostics: Diagnostics; readonly hint?: string },
): undefined {
  const { expected, diagnostics, hint } = options;
  diagnostics.error({
    code: 'wrong-type',
    message: `\`${entry.key}\` must be ${expected}, this is ${describe(entry.value)}`,
    span: entry.value.span,
    ...(hint === undefined ? {} : { hint }),
  });
  return undefined;
}

/** Whether a field was written with no value (`tasks:` and nothing after it). */
export function isNothing(entry: LocatedEntry): boolean {
  return entry.value.kind === 'scalar' && entry.value.value === null;
}

export function readMap(entry: LocatedEntry, diagnostics: Diagnostics): LocatedMap | undefined {
  return readEntry(entry, { reader: anyMap(), diagnostics });
}

/** A list; nothing (`tasks:` with no value) is an empty one. */
export function readList(entry: LocatedEntry, diagnostics: Diagnostics): LocatedList | undefined {
  if (entry.value.kind === 'list') return entry.value;
  if (isNothing(entry)) return { kind: 'list', items: [], span: entry.value.span };
  return wrongType(entry, { expected: 'a list', diagnostics });
}

/** A text that is the same for every host: a template in it is an error. */
export function readText(entry: LocatedEntry, diagnostics: Diagnostics): string | undefined {
  const value = readEntry(entry, { reader: text(), diagnostics });
  if (value === undefined || !isTemplate(entry.value)) return value;
  diagnostics.error({
    code: 'template-not-allowed',
    message: `\`${entry.key}\` cannot hold a template: it is read before any host is known`,
    span: entry.value.span,
  });
  return undefined;
}

/** A text or a list of texts. With `commas`, `a, b` in one text are two. */
export function readTexts(
  entry: LocatedEntry,
  options: { readonly diagnostics: Diagnostics; readonly commas?: boolean },
): readonly string[] {
  return readEach(entry).flatMap((item) => {
    const value = readText(item, options.diagnostics);
    if (value === undefined) return [];
    if (options.commas !== true) return [value];
    return value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  });
}

/** The items of a list as entries of the same key, or the one value that stands in its place. */
export function readEach(entry: LocatedEntry): readonly LocatedEntry[] {
  if (entry.value.kind === 'list') return entry.value.items.map((item) => ({ ...entry, value: item }));
  return isNothing(entry) ? [] : [entry];
}

export function readBoolean(entry: LocatedEntry, diagnostics: Diagnostics): boolean | undefined {
  return readEntry(entry, { reader: boolean(), diagnostics });
}

/** A whole number of at least 1. */
export function readCount(entry: LocatedEntry, diagnostics: Diagnostics): number | undefined {
  return readEntry(entry, { reader: integer({ minimum: 1 }), diagnostics });
}

export function readChoice<const Choice extends string>(
  entry: LocatedEntry,
  options: { readonly choices: readonly Choice[]; readonly diagnostics: Diagnostics },
): Choice | undefined {
  return readEntry(entry, { reader: oneOf(options.choices), diagnostics: options.diagnostics });
}
