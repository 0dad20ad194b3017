import { StringDecoder } from 'node:string_decoder';

/** Takes all of an output that is too long to be kept in memory. Must not throw: what it cannot keep it tells at the end. */
export interface OverflowFile {
  write(chunk: Buffer): void;
  /** Where all of it is, or why it is nowhere. */
  end(): string;
}

/**
 * Keeps the output of a command in bounded memory: the first and the last half of `limit` bytes, with a notice of how
 * many bytes were left out between them, and where all of it is when there is a file for that.
 */
export class OutputKeeper {
  readonly #half: number;
  readonly #head: Buffer[] = [];
  #headLength = 0;
  #tail: Buffer[] = [];
  #tailLength = 0;
  #omitted = 0;
  readonly #openOverflow: (() => OverflowFile) | undefined;
  #overflow: OverflowFile | undefined;
  #whereabouts: string | undefined;

  constructor(limit: number, openOverflow?: () => OverflowFile) {
    this.#half = Math.floor(limit / 2);
    this.#openOverflow = openOverflow;
  }

  add(chunk: Buffer): void {
    const room = this.#half - this.#headLength;
    const head = chunk.subarray(0, Math.max(0, room));
    if (head.length > 0) {
      this.#head.push(head);
      this.#headLength += head.length;
    }
    const rest = chunk.subarray(head.length);
    if (rest.length === 0) return;
    this.#tail.push(rest);
    this.#tailLength += rest.length;
    this.#overflow?.write(rest);
    this.#drop();
  }

  #drop(): void {
    let first = this.#tail[0];
    while (first !== undefined && this.#tailLength - first.length >= this.#half) {
      if (this.#omitted === 0) this.#keepAll();
      this.#tail.shift();
      this.#tailLength -= first.length;
      this.#omitted += first.length;
      first = this.#tail[0];
    }
    // Many tiny chunks would cost more in buffer headers than in bytes.
    if (this.#tail.length > 4096) this.#tail = [Buffer.concat(this.#tail)];
  }

  #keepAll(): void {
    this.#overflow = this.#openOverflow?.();
    for (const chunk of [...this.#head, ...this.#tail]) this.#overflow?.write(chunk);
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
    if (this.#omitted === 0) return Buffer.concat([...this.#head, ...this.#tail]);
    const where = this.#whereabouts === undefined ? '' : `; ${this.#whereabouts}`;
    const notice = Buffer.from(`\n[… ${String(this.#omitted)} bytes left out${where} …]\n`);
    return Buffer.concat([...this.#head, notice, ...this.#tail]);
  }
}

/** Longer lines are handed on in pieces, so that one line of 100 MB stays in bounded memory. */
const longestLine = 64 * 1024;

/** Cuts a byte stream into decoded lines; `end` hands on a last line without a newline. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  add(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    while (this.#rest.length > longestLine) {
      this.#onLine(this.#rest.slice(0, longestLine));
      this.#rest = this.#rest.slice(longestLine);
    }
  }

  end(): void {
    const last = this.#rest + this.#decoder.end();
    this.#rest = '';
    if (last !== '') this.#onLine(last);
  }
}
