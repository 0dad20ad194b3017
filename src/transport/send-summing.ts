import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { runCommand } from './exec.js';
import { sumInThread, type SumUnderway } from './sum-thread.js';
import type { ExecResult, WriteResult } from './types.js';
import { arriveScript, discardScript, placeScript, type WriteScriptOptions } from './write-script.js';
import { readSize, type Writer } from './write.js';

type Sent =
  | { readonly result: ExecResult; readonly sha256?: string }
  | Extract<WriteResult, { readonly kind: 'failed' }>;

/**
 * Sends a file of the controller whose SHA-256 nobody has taken: both ends sum it on its way, and it is put in its place
 * in a second step, when both are known to be equal. Throws what `launch` throws, and CancelledError.
 */
export async function sendSumming(
  writer: Writer,
  send: { readonly options: WriteScriptOptions; readonly source: { readonly path: string; readonly size: number } },
): Promise<Sent> {
  const { options, source } = send;
  const { become, timeoutSeconds, signal } = options.request;
  const before = await seal(source.path);
  const sum = sumInThread(source.path, { size: source.size, seal: before });
  const arrived = await runCommand(writer.launcher, {
    become,
    timeoutSeconds,
    signal,
    script: arriveScript(options),
    environment: { LC_ALL: 'C' },
    stdin: {
      size: source.size,
      stream: createReadStream(source.path, { highWaterMark: readSize, end: source.size - 1 }),
    },
  });
  if (arrived.end.kind !== 'code' || arrived.end.code !== 0) return { result: arrived };
  const discard = async (): Promise<void> => {
    await writer.shells.run({
      become,
      timeoutSeconds: discardSeconds,
      signal: undefined,
      script: discardScript(options),
    });
  };
  const taken = await takenSum({ sum, path: source.path, before, theirs: arrived.stdout.toString('latin1') });
  if ('problem' in taken) {
    await discard();
    return { kind: 'failed', stage: 'check', message: taken.problem };
  }
  const { sha256 } = taken;
  try {
    const result = await writer.shells.run({ become, timeoutSeconds, signal, script: placeScript(options) });
    return { result, sha256 };
  } catch (error) {
    await discard().catch(() => undefined);
    throw error;
  }
}

const discardSeconds = 10;

/** The sum of what was sent, or why it is not what arrived. */
async function takenSum(sent: {
  readonly sum: SumUnderway;
  readonly path: string;
  readonly before: string;
  /** What the host summed; empty when it could not. */
  readonly theirs: string;
}): Promise<{ readonly sha256: string } | { readonly problem: string }> {
  const { sum, path, before, theirs } = sent;
  try {
    const sha256 = await sum.wait();
    if ((await seal(path)) !== before) return { problem: `${path} was changed while it was sent` };
    if (theirs !== '' && theirs !== sha256) return { problem: 'the content changed on its way (SHA-256)' };
    return { sha256 };
  } catch (error) {
    // It was removed meanwhile, or its disk fails.
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** What differs after a file was written to. */
async function seal(path: string): Promise<string> {
  const { ino, size, mtimeMs, ctimeMs } = await stat(path);
  return [ino, size, mtimeMs, ctimeMs].join(' ');
}
