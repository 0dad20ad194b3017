import type { Readable } from 'node:stream';
import { OutputKeeper } from './output.js';

/** One reply on one stream: its bytes, and what the shell put behind the end mark (the exit code, on stdout). */
export interface Frame {
  readonly bytes: Buffer;
  readonly omitted: number;
  readonly trailer: string;
}

interface Expected {
  readonly begin: Buffer;
  readonly end: Buffer;
  readonly keeper: OutputKeeper;
  /** How the trailer behind the end mark ends; empty: there is none. */
  readonly trailerEnd: string;
  readonly resolve: (frame: Frame) => void;
  state: 'noise' | 'body' | 'trailer';
}

/**
 * Cuts replies out of a stream that never ends. A reply stands between two marks made of a random token of its own,
 * which nothing on the host can know before (S24): what comes before the first mark, an older reply that is played
 * again, or what a daemon left behind by an earlier script prints, is ignored.
 */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);
  /** Replies to come, in the order their scripts were sent. */
  readonly #expected: Expected[] = [];

  constructor(stream: Readable) {
    stream.on('data', (chunk: Buffer) => this.#add(chunk));
    stream.resume();
  }

  /** The reply with this token, after those expected already; at most `limit` bytes of it are kept (first and last half). */
  expect(options: { readonly token: string; readonly limit: number; readonly trailerEnd: string }): Promise<Frame> {
    return new Promise((resolve) => {
      this.#expected.push({
        begin: Buffer.from(`${options.token}<`),
        end: Buffer.from(`${options.token}>`),
        keeper: new OutputKeeper({ limit: options.limit }),
        trailerEnd: options.trailerEnd,
        resolve,
        state: 'noise',
      });
    });
  }

  #add(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const expected = this.#expected[0];
      if (expected === undefined) {
        this.#rest = Buffer.alloc(0);
        return;
      }
      if (expected.state === 'noise') this.#skipNoise(expected);
      if (expected.state === 'body') this.#takeBody(expected);
      if (expected.state === 'trailer') this.#takeTrailer(expected);
      if (expected === this.#expected[0]) return;
    }
  }

  #skipNoise(expected: Expected): void {
    const at = this.#rest.indexOf(expected.begin);
    if (at < 0) {
      this.#rest = this.#rest.subarray(Math.max(0, this.#rest.length - expected.begin.length + 1));
      return;
    }
    this.#rest = this.#rest.subarray(at + expected.begin.length);
    expected.state = 'body';
  }

  #takeBody(expected: Expected): void {
    const at = this.#rest.indexOf(expected.end);
    const sure = at < 0 ? Math.max(0, this.#rest.length - expected.end.length + 1) : at;
    expected.keeper.add(this.#rest.subarray(0, sure));
    this.#rest = this.#rest.subarray(at < 0 ? sure : at + expected.end.length);
    if (at >= 0) expected.state = 'trailer';
  }

  #takeTrailer(expected: Expected): void {
    const at = this.#rest.indexOf(expected.trailerEnd);
    if (at < 0) return;
    const trailer = this.#rest.subarray(0, at).toString('latin1');
    this.#rest = this.#rest.subarray(at + expected.trailerEnd.length);
    this.#expected.shift();
    expected.resolve({ bytes: expected.keeper.bytes(), omitted: expected.keeper.omitted, trailer });
  }
}
