import { maskText } from './secret.js';

/** Shorter values are not masked by value: they would blank out half of every text (a secret "1" and every digit). */
const shortest = 3;

/**
 * Masks secrets by value in any text that leaves the program: the value as it is, as JSON and URL encoding write it,
 * and in base64. Values are learned while the run goes on (inventory, secrets files, results of no_log tasks).
 */
export class Masker {
  readonly #values = new Set<string>();
  #pattern: RegExp | undefined;

  /** Learns one secret. A value of several lines is also masked line by line, since output is shown by lines. */
  learn(secret: string): void {
    for (const value of [secret, ...secret.split(/\r?\n/)]) {
      if (value.trim().length < shortest) continue;
      for (const form of formsOf(value)) this.#values.add(form);
    }
    this.#pattern = undefined;
  }

  /** The text with every known secret replaced by the mask. */
  mask(text: string): string {
    if (this.#values.size === 0) return text;
    this.#pattern ??= new RegExp(
      [...this.#values]
        .sort((a, b) => b.length - a.length)
        .map(escapeRegExp)
        .join('|'),
      'g',
    );
    return text.replace(this.#pattern, maskText);
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

function formsOf(value: string): readonly string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const base64 = Buffer.from(value, 'utf8').toString('base64');
  return [value, json, encodeURIComponent(value), base64, base64.replace(/=+$/, '')];
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
