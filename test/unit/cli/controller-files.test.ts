import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { controllerFiles } from '../../../src/cli/controller-files.js';
import { ModuleFailure } from '../../../src/modules/types.js';

describe("the controller's files", () => {
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'runner-controller-files-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('links of a tree are followed, and named where they lead nowhere or back', async () => {
    mkdirSync(join(folder, 'tree/sub'), { recursive: true });
    mkdirSync(join(folder, 'other'));
    writeFileSync(join(folder, 'other/b'), 'two');
    symlinkSync('../other', join(folder, 'tree/linked'));
    symlinkSync('..', join(folder, 'tree/sub/up'));
    symlinkSync('gone', join(folder, 'tree/sub/gone'));
    symlinkSync('self', join(folder, 'tree/sub/self'));
    const found = await controllerFiles(folder).tree(join(folder, 'tree'));
    expect(found.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      'directory linked',
      'file linked/b',
      'directory sub',
      'link sub/gone',
      'link sub/self',
      'link sub/up',
    ]);
    const plain = await controllerFiles(folder).list(join(folder, 'tree'));
    expect(plain.find(({ path }) => path === 'linked')?.kind).toBe('link');
  });

  test('what the system refuses, and what has no end, is a failure of the task and not of the program', async () => {
    const files = controllerFiles(folder);
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    for (const read of [files.readFile, files.decrypted, files.size, files.fingerprint]) {
      await expect(read(join(folder, 'pipe'))).rejects.toThrow(ModuleFailure);
      await expect(read(join(folder, 'none'))).rejects.toThrow(ModuleFailure);
      await expect(read('/dev/zero')).rejects.toThrow('/dev/zero on the controller is no regular file');
    }
    await expect(files.list(join(folder, 'none'))).rejects.toThrow(/cannot read .*none on the controller: ENOENT/);
  });
});
