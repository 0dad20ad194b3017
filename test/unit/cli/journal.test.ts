import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { InputError } from '../../../src/core/diagnostic.js';
import { openJournal } from '../../../src/cli/journal.js';

it('a journal in a folder that was removed meanwhile is a mistake with a hint, not a hang', () => {
  const before = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'runner-gone-'));
  process.chdir(folder);
  onTestFinished(() => process.chdir(before));
  rmSync(folder, { recursive: true });
  expect(() => openJournal('20260101-000000-abcdef')).toThrow(InputError);
});
