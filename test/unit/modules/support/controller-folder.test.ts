import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeFolder } from '../../../../src/modules/support/controller-folder.js';

it('makes a folder and those above it, for its owner alone, and leaves one that is there', () => {
  const root = mkdtempSync(join(tmpdir(), 'runner-folders-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  makeFolder(join(root, 'a/b/c/'));
  expect([root, join(root, 'a'), join(root, 'a/b/c')].map((path) => statSync(path).mode & 0o777)).toEqual([
    0o700, 0o700, 0o700,
  ]);
  makeFolder(join(root, 'a/b'));
  writeFileSync(join(root, 'file'), '');
  expect(() => makeFolder(join(root, 'file'))).toThrow(/EEXIST/);
  expect(() => makeFolder(join(root, 'file/below'))).toThrow(/ENOTDIR|EEXIST/);
});

it('comes to an end where a folder takes no others', () => {
  expect(() => makeFolder('/proc/nowhere/backups')).toThrow(/ENOENT/);
});
