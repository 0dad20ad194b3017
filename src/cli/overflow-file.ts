import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Masker } from '../shell/masker.js';
import type { OverflowFile } from '../transport/output.js';

/** Bytes that are masked in one go. */
const pieceSize = 1024 * 1024;

/** Gives files for outputs that are too long for a result: in the folder of the run, masked, for its owner's eyes only. */
export function overflowFiles(options: {
  readonly folder: string;
  readonly masker: Masker;
}): (from: { readonly host: string; readonly stream: 'stdout' | 'stderr' }) => OverflowFile {
  let count = 0;
  return ({ host, stream }) => {
    count += 1;
    const name = `output-${count}-${host.replaceAll(/[^\w.-]/g, '_').slice(0, 100)}.${stream}`;
    return new MaskedFile(join(options.folder, name), options.masker);
  };
}

/** Holds the end of what it has back until more comes: a secret must not slip through where two pieces meet. */
class MaskedFile implements OverflowFile {
  readonly #path: string;
  readonly #masker: Masker;
  #pending = '';
  #file: number | undefined;
  #problem: string | undefined;

  constructor(path: string, masker: Masker) {
    this.#path = path;
    this.#masker = masker;
    this.#attempt(() => {
      this.#file = openSync(path, 'wx', 0o600);
    });
  }

  write(chunk: Buffer): void {
    this.#pending += chunk.toString('latin1');
    if (this.#pending.length < pieceSize) return;
    const { text, longest } = this.#masker.maskLatin1(this.#pending);
    const sure = Math.max(0, text.length - longest);
    this.#put(text.slice(0, sure));
    this.#pending = text.slice(sure);
  }

  end(): string {
    this.#put(this.#masker.maskLatin1(this.#pending).text);
    this.#pending = '';
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) this.#attempt(() => closeSync(file));
    return this.#problem === undefined ? `all of it is in ${this.#path}` : `it could not be kept: ${this.#problem}`;
  }

  #put(text: string): void {
    const file = this.#file;
    if (file === undefined || this.#problem !== undefined) return;
    this.#attempt(() => {
      const bytes = Buffer.from(text, 'latin1');
      for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
    });
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
    }
  }
}
