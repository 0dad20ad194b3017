import { maskText } from './secret.js';

/** Shorter values are not masked by value: they would blank out half of every text (a secret "1" and every digit). */
const shortest = 3;

/** What stands in a regular expression: longer values are searched one by one, and a pattern has no more than so many characters. */
const longestInPattern = 1000;
const longestPattern = 10_000;

/**
 * Masks secrets by value in any text that leaves the program: the value as it is, as JSON and URL encoding write it,
 * and in base64. Values are learned while the run goes on (inventory, secrets files, results of no_log tasks).
 */
export class Masker {
  readonly #values = new Set<string>();
  #search: Search | undefined;
  #byteSearch: { readonly search: Search; readonly longest: number } | undefined;

  /** Learns one secret. A value of several lines is also masked line by line, since output is shown by lines. */
  learn(secret: string): void {
    for (const value of [secret, ...secret.split(/\r?\n/)]) {
      if (value.trim().length < shortest) continue;
      for (const form of formsOf(value)) this.#values.add(form);
    }
    this.#search = undefined;
    this.#byteSearch = undefined;
  }

  /** The text with every known secret replaced by the mask. */
  mask(text: string): string {
    if (this.#values.size === 0) return text;
    this.#search ??= searchFor([...this.#values].sort((a, b) => b.length - a.length));
    return replaced(text, this.#search);
  }

  /**
   * Masks bytes of any kind, given and returned as latin1 text, whatever their encoding. `longest` is the length of the
   * longest secret: so many characters at the end of a piece may be the beginning of one.
   */
  maskLatin1(text: string): { readonly text: string; readonly longest: number } {
    if (this.#values.size === 0) return { text, longest: 0 };
    this.#byteSearch ??= byteSearch([...this.#values]);
    return { text: replaced(text, this.#byteSearch.search), longest: this.#byteSearch.longest };
  }

  /** Masks every string inside plain data; booleans, numbers and the structure stay as they are. */
  maskData<T>(data: T): T {
    if (this.#values.size === 0) return data;
    return this.#maskUnknown(data) as T;
  }

  #maskUnknown(data: unknown): unknown {
    if (typeof data === 'string') return this.mask(data);
    if (Array.isArray(data)) return data.map((item) => this.#maskUnknown(item));
    if (typeof data === 'object' && data !== null && Object.getPrototypeOf(data) === Object.prototype) {
      return Object.fromEntries(Object.entries(data).map(([key, value]) => [this.mask(key), this.#maskUnknown(value)]));
    }
    return data;
  }
}

interface Search {
  readonly long: readonly string[];
  readonly patterns: readonly RegExp[];
}

function replaced(text: string, search: Search): string {
  let masked = text;
  for (const value of search.long) masked = masked.replaceAll(value, maskText);
  for (const pattern of search.patterns) masked = masked.replace(pattern, maskText);
  return masked;
}

function byteSearch(values: readonly string[]): { readonly search: Search; readonly longest: number } {
  const forms = values
    .map((value) => Buffer.from(value, 'utf8').toString('latin1'))
    .sort((a, b) => b.length - a.length);
  return { search: searchFor(forms), longest: forms[0]?.length ?? 0 };
}

/** How to find these values, the longest first: a part of one must not be masked before the whole. */
function searchFor(values: readonly string[]): Search {
  const sources: string[] = [];
  for (const value of values.filter(({ length }) => length <= longestInPattern)) {
    const source = escapeRegExp(value);
    const last = sources.at(-1);
    if (last === undefined || last.length + source.length > longestPattern) sources.push(source);
    else sources[sources.length - 1] = `${last}|${source}`;
  }
  return {
    long: values.filter(({ length }) => length > longestInPattern),
    patterns: sources.map((source) => new RegExp(source, 'g')),
  };
}

function formsOf(value: string): readonly string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const base64 = Buffer.from(value, 'utf8').toString('base64');
  return [value, json, encodeURIComponent(value), base64, base64.replace(/=+$/, '')];
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
