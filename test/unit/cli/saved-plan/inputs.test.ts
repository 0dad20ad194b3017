import { expect, it } from 'vitest';
import { changesOf } from '../../../../src/cli/saved-plan/inputs.js';

it('what was read is told as changed, new or gone; what is looked for in vain both times is the same', () => {
  const before = { same: 'a', other: 'a', came: 'nothing', went: 'a', unread: 'a' };
  const now = { same: 'a', other: 'b', came: 'a', went: 'nothing', never: 'nothing', fresh: 'a' };
  expect(changesOf(before, now)).toEqual(['other has changed', 'came is new', 'went is gone', 'fresh is new']);
});
