import { inspect } from 'node:util';

/** What stands in the place of a secret wherever text leaves the program. */
export const maskText = '********';

/** A value that must not be shown. Printing, joining or serialising it gives the mask; only `reveal()` gives the value. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself: for a password prompt, a key's passphrase, a file's content. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return maskText;
  }

  toJSON(): string {
    return maskText;
  }

  [inspect.custom](): string {
    return `Secret(${maskText})`;
  }
}
