import { createHash } from 'node:crypto';
import { createReadStream, lstatSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Diagnostic, InputError } from '../../core/diagnostic.js';
import { type BackupFile, type BackupManifest, manifestName, parseManifest } from '../../stack/backup/manifest.js';

export interface ReadBackup {
  readonly folder: string;
  readonly manifest: BackupManifest;
  /** The path of one of its files on the controller. */
  pathOf(file: BackupFile): string;
}

/** Reads a backup's manifest and proves every file against it. Throws InputError with all that is wrong. */
export async function readBackup(folder: string, signal: AbortSignal): Promise<ReadBackup> {
  const path = join(folder, manifestName);
  const manifest = readManifest(folder, path);
  const diagnostics = await Promise.all(manifest.files.map((file) => checkFile({ folder, file, signal })));
  const wrong = diagnostics.flat();
  if (wrong.length > 0) throw new InputError(wrong);
  return { folder, manifest, pathOf: (file) => join(folder, file.path) };
}

function readManifest(folder: string, path: string): BackupManifest {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError([
      {
        severity: 'error',
        code: 'backup',
        message: `${folder} is no backup: ${reason}`,
        hint: 'name the folder that `runner backup` said; one without a manifest was cut off',
      },
    ]);
  }
  const parsed = parseManifest(text, path);
  if (parsed.kind === 'invalid') throw new InputError(parsed.diagnostics);
  return parsed.value;
}

async function checkFile(check: {
  readonly folder: string;
  readonly file: BackupFile;
  readonly signal: AbortSignal;
}): Promise<readonly Diagnostic[]> {
  const { folder, file, signal } = check;
  const wrong = (message: string): readonly Diagnostic[] => [{ severity: 'error', code: 'backup', message }];
  const path = join(folder, file.path);
  try {
    if (!lstatSync(path).isFile()) return wrong(`${path} is no file`);
    // A folder of the path could be a link that leads out.
    if (realpathSync(path) !== join(realpathSync(folder), file.path)) return wrong(`${path} leads out of the backup`);
    const hash = createHash('sha256');
    let size = 0;
    await pipeline(
      createReadStream(path),
      async (chunks) => {
        for await (const chunk of chunks as AsyncIterable<Buffer>) {
          size += chunk.length;
          hash.update(chunk);
        }
      },
      { signal },
    );
    return size === file.size && hash.digest('hex') === file.sha256
      ? []
      : wrong(`${path} is not what was backed up: its SHA-256 is another than the manifest's`);
  } catch (error) {
    if (signal.aborted) throw error;
    return wrong(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
