import { expect, test } from 'vitest';
import { folded } from '../../../src/cli/terminal.js';

test('a sentence is folded between its words on a terminal, its beginning and its later lines indented', () => {
  const hint = '  hint: restore the backup of before';
  expect(folded(hint, { indent: '        ', columns: 32 })).toBe('  hint: restore the backup\n        of before');
  for (const line of folded(hint, { indent: '        ', columns: 32 }).split('\n'))
    expect(line.length).toBeLessThanOrEqual(32);
});

test('a sentence that goes to a file stays on its line', () => {
  const sentence = 'a sentence that is longer than any terminal '.repeat(9);
  expect(folded(sentence, { indent: '  ', columns: undefined })).toBe(sentence);
});
