import type { Readable } from 'node:stream';

/** Noise of profiles longer than this is cut; its beginning is kept for a message. */
const mostNoise = 64 * 1024;

/** What a stream gave before the token was there, or its end without it. */
export type TokenOutcome =
  | { readonly kind: 'found'; readonly before: Buffer }
  | { readonly kind: 'ended'; readonly before: Buffer };

export interface TokenWait {
  readonly outcome: Promise<TokenOutcome>;
  /** Stops waiting; the stream is left paused. */
  cancel(): void;
}

/**
 * Reads a stream up to a token and puts back what follows it, so that the stream then begins right after the token.
 * `onNoise` sees all that came so far each time more comes, for prompts.
 */
export function awaitToken(options: {
  readonly stream: Readable;
  readonly token: string;
  readonly onNoise?: (soFar: Buffer) => void;
}): TokenWait {
  const { stream, onNoise } = options;
  const token = Buffer.from(options.token);
  let seen: Buffer = Buffer.alloc(0);
  let settle: (outcome: TokenOutcome) => void = () => undefined;
  const outcome = new Promise<TokenOutcome>((resolve) => {
    settle = resolve;
  });
  const detach = (): void => {
    stream.off('data', onData);
    stream.off('end', onEnd);
    stream.off('close', onEnd);
    stream.pause();
  };
  const onData = (chunk: Buffer): void => {
    seen = Buffer.concat([seen, chunk]);
    const at = seen.indexOf(token);
    if (at >= 0) {
      detach();
      const rest = seen.subarray(at + token.length);
      if (rest.length > 0) stream.unshift(rest);
      settle({ kind: 'found', before: seen.subarray(0, at) });
      return;
    }
    onNoise?.(seen);
    if (seen.length > 2 * mostNoise) {
      seen = Buffer.concat([seen.subarray(0, mostNoise), seen.subarray(seen.length - mostNoise)]);
    }
  };
  const onEnd = (): void => {
    detach();
    settle({ kind: 'ended', before: seen });
  };
  stream.on('data', onData);
  stream.resume();
  stream.once('end', onEnd);
  stream.once('close', onEnd);
  return { outcome, cancel: detach };
}
