import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { takeBackup } from '../../../../src/cli/backup/take.js';
import type { OpenCluster } from '../../../../src/cli/open-cluster.js';
import { InputError } from '../../../../src/core/diagnostic.js';

/** A cluster that has been opened; nobody may ask it for anything. */
const cluster: OpenCluster = {
  hosts: [],
  members: [],
  variablesOf: () => ({}),
  isReachable: () => false,
} as unknown as OpenCluster;

function backupTo(to: string): Promise<unknown> {
  return takeBackup({ cluster, to, signal: new AbortController().signal, say: () => undefined });
}

describe('a backup whose folder cannot be made', () => {
  it('is a mistake with a hint, not a hang, when the working directory was removed meanwhile', async () => {
    const before = process.cwd();
    const folder = mkdtempSync(join(tmpdir(), 'runner-gone-'));
    process.chdir(folder);
    onTestFinished(() => process.chdir(before));
    rmSync(folder, { recursive: true });
    await expect(backupTo('backups')).rejects.toThrow(
      /cannot be written: the working directory does not exist any more/,
    );
    await expect(backupTo('backups')).rejects.toBeInstanceOf(InputError);
  });

  it('is a mistake of the user where nothing may be written', async () => {
    await expect(backupTo('/proc/nowhere/backups')).rejects.toBeInstanceOf(InputError);
  });
});
