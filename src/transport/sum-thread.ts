import { Worker } from 'node:worker_threads';

/** What the thread runs: a text and not a file of its own, so that it is found wherever the program is bundled to. */
const threadSource = `
const { createHash } = require('node:crypto');
const { closeSync, openSync, readSync } = require('node:fs');
const { parentPort, workerData } = require('node:worker_threads');
const hash = createHash('sha256');
const file = openSync(workerData.path, 'r');
const buffer = Buffer.allocUnsafe(1024 * 1024);
let left = workerData.size;
while (left > 0) {
  const size = readSync(file, buffer, 0, Math.min(buffer.length, left));
  if (size === 0) break;
  hash.update(buffer.subarray(0, size));
  left -= size;
}
closeSync(file);
parentPort.postMessage(hash.digest('hex'));`;

/** A sum that is being taken. */
export interface SumUnderway {
  /** The SHA-256 in hexadecimal digits. Throws the system's words when the file cannot be read. */
  wait(): Promise<string>;
}

/** By path and seal: a file that goes to many hosts is summed once. */
const sums = new Map<string, SumUnderway>();

/**
 * Begins to sum the first `size` bytes of a file of the controller beside the main thread, which has to encrypt each byte: where
 * a processor has no instructions for SHA-256 that takes as long as sending (docs/performance.md). `seal` is what differs after
 * the file was written to. Only who waits for the sum keeps the program from ending.
 */
export function sumInThread(path: string, file: { readonly size: number; readonly seal: string }): SumUnderway {
  const key = `${file.seal} ${path}`;
  const known = sums.get(key);
  if (known !== undefined) return known;
  const worker = new Worker(threadSource, { eval: true, workerData: { path, size: file.size } });
  worker.unref();
  const sum = new Promise<string>((resolve, reject) => {
    worker.on('message', resolve);
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error(`the thread that sums ${path} ended before its time`)));
  });
  sum.catch(() => sums.delete(key));
  const underway = {
    wait: () => {
      worker.ref();
      return sum;
    },
  };
  sums.set(key, underway);
  return underway;
}
