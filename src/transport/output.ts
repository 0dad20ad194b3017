import { StringDecoder } from 'node:string_decoder';

/** Takes all of an output that is too long to be kept in memory. Must not throw: what it cannot keep it tells at the end. */
export interface OverflowFile {
  write(chunk: Buffer): void;
  /** Where all of it is, or why it is nowhere. */
  end(): string;
}

/**
 * Keeps the output of a command in bounded memory: whole up to `limit` bytes; of a longer one the first and the last half of
 * `kept` bytes, with a notice of how many were left out between them, and where all of it is when there is a file for that.
 */
export class OutputKeeper {
  readonly #limit: number;
  readonly #half: number;
  readonly #openOverflow: (() => OverflowFile) | undefined;
  /** All of it as long as it is not too long, then its end. */
  #chunks: Buffer[] = [];
  #length = 0;
  #head: Buffer | undefined;
  #omitted = 0;
  #overflow: OverflowFile | undefined;
  #whereabouts: string | undefined;

  constructor(options: {
    readonly limit: number;
    /** Default: `limit`. */
    readonly kept?: number;
    readonly overflow?: (() => OverflowFile) | undefined;
  }) {
    this.#limit = options.limit;
    this.#half = Math.floor(Math.min(options.kept ?? options.limit, options.limit) / 2);
    this.#openOverflow = options.overflow;
  }

  add(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#head !== undefined) this.#overflow?.write(chunk);
    else if (this.#length > this.#limit) this.#cut();
    if (this.#head !== undefined) this.#drop();
    // Many tiny chunks would cost more in buffer headers than in bytes.
    if (this.#chunks.length > 4096) this.#chunks = [Buffer.concat(this.#chunks)];
  }

  /** It is too long: from now on only its end is kept beside its beginning. */
  #cut(): void {
    this.#overflow = this.#openOverflow?.();
    for (const chunk of this.#chunks) this.#overflow?.write(chunk);
    const all = Buffer.concat(this.#chunks);
    // Copies: what they are cut from is to be forgotten.
    this.#head = Buffer.from(all.subarray(0, this.#half));
    const tail = Buffer.from(all.subarray(-this.#half));
    this.#omitted = all.length - this.#head.length - tail.length;
    this.#chunks = [tail];
    this.#length = tail.length;
  }

  #drop(): void {
    let first = this.#chunks[0];
    while (first !== undefined && this.#length - first.length >= this.#half) {
      this.#chunks.shift();
      this.#length -= first.length;
      this.#omitted += first.length;
      first = this.#chunks[0];
    }
  }

  /** Nothing more comes. */
  end(): void {
    this.#whereabouts ??= this.#overflow?.end();
  }

  /** Bytes that were left out. */
  get omitted(): number {
    return this.#omitted;
  }

  bytes(): Buffer {
    if (this.#head === undefined) return Buffer.concat(this.#chunks);
    const where = this.#whereabouts === undefined ? '' : `; ${this.#whereabouts}`;
    // ASCII: one other letter in an output makes its text twice as large in memory.
    const notice = Buffer.from(`\n[... ${String(this.#omitted)} bytes left out${where} ...]\n`);
    return Buffer.concat([this.#head, notice, ...this.#chunks]);
  }
}

/** Longer lines are handed on in pieces, so that one line of 100 MB stays in bounded memory. */
const longestLine = 64 * 1024;

/** Cuts a byte stream into decoded lines. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  /** The lines that these bytes complete. */
  add(chunk: Buffer): readonly string[] {
    const text = this.#rest + this.#decoder.write(chunk);
    const lines = text.replaceAll('\r\n', '\n').split('\n');
    this.#rest = lines.pop() ?? '';
    while (this.#rest.length > longestLine) {
      lines.push(this.#rest.slice(0, longestLine));
      this.#rest = this.#rest.slice(longestLine);
    }
    return lines;
  }

  /** A last line without a newline. */
  end(): readonly string[] {
    const last = this.#rest + this.#decoder.end();
    this.#rest = '';
    return last === '' ? [] : [last];
  }
}
