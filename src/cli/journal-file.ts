import { closeSync, ftruncateSync, writeSync } from 'node:fs';

/** Lines that are written to a file of whole lines, however the disk fares. */
export interface LineFile {
  /** Keeps a line for the next `flush`, which comes by itself when nothing else is to be done. */
  add(line: string): void;
  flush(): void;
  close(): void;
}

/**
 * Writes to an open, empty file. When it cannot be written to any more (a full disk) that is told once, a line that got
 * there in part is taken back, and the rest is left out: the work on the hosts matters more.
 */
export function lineFile(file: number, onFailure: (message: string) => void): LineFile {
  let waiting = '';
  let flushing: NodeJS.Immediate | undefined;
  let whole = 0;
  let failed = false;
  const flush = (): void => {
    if (failed) return;
    clearImmediate(flushing);
    flushing = undefined;
    const bytes = Buffer.from(waiting);
    waiting = '';
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(file, bytes, written);
      whole += written;
    } catch (error) {
      failed = true;
      whole += bytes.subarray(0, written).lastIndexOf('\n') + 1;
      ftruncateSync(file, whole);
      onFailure(error instanceof Error ? error.message : String(error));
    }
  };
  return {
    add: (line) => {
      if (failed) return;
      waiting += `${line}\n`;
      flushing ??= setImmediate(flush);
    },
    flush,
    close: () => {
      flush();
      closeSync(file);
    },
  };
}
