import { createHash, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ModuleFailure } from '../../modules/types.js';
import { sh } from '../../shell/text.js';
import type { Become, Session } from '../../transport/types.js';

/** Bytes of a stream, counted and summed while they pass. */
export interface Sum {
  readonly size: number;
  readonly sha256: string;
}

/**
 * Fetches a file of a host into a new file of the controller, compressed on the way and kept so, in constant memory. What
 * arrives is unpacked beside it: a stream that was cut short, for whatever reason, is a failure. Throws ModuleFailure.
 */
export async function fetchCompressed(request: {
  readonly host: { readonly session: Session; readonly become?: Become };
  readonly source: string;
  readonly target: string;
  readonly signal: AbortSignal;
}): Promise<{ readonly packed: Sum; readonly inside: Sum }> {
  const { host, source, target, signal } = request;
  const stream = await host.session.open({
    command: sh`exec gzip -c -- ${source}`,
    signal,
    ...(host.become === undefined ? {} : { become: host.become }),
  });
  stream.end();
  const packed = counter();
  const inside = counter();
  const gunzip = createGunzip();
  const unpacking = pipeline(gunzip, inside.stream, nowhere(), { signal });
  // It is awaited below, and must not be reported as unhandled when the other fails first.
  unpacking.catch(() => undefined);
  try {
    await pipeline(stream, packed.stream, tee(gunzip), createWriteStream(target, { flags: 'wx', mode: 0o600 }), {
      signal,
    });
    await unpacking;
  } catch (error) {
    gunzip.destroy();
    if (signal.aborted) throw error;
    throw new ModuleFailure(
      `${source} could not be fetched: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return { packed: packed.sum(), inside: inside.sum() };
}

/** Writes a new file that only its owner reads. */
export async function saveBytes(target: string, bytes: Buffer): Promise<Sum> {
  const file = await open(target, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  return { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function counter(): { readonly stream: Transform; sum(): Sum } {
  const hash: Hash = createHash('sha256');
  let size = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      hash.update(chunk);
      done(undefined, chunk);
    },
  });
  return { stream, sum: () => ({ size, sha256: hash.digest('hex') }) };
}

/** Hands everything on, and to a second stream as fast as that one takes it. */
function tee(second: Writable): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (second.destroyed) done(new Error('what arrives is not compressed data'));
      else second.write(chunk, () => done(undefined, chunk));
    },
    flush(done) {
      second.end();
      done();
    },
  });
}

function nowhere(): Writable {
  return new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
}
