import { describe, expect, test } from 'vitest';
import { resolveMode } from '../../../src/modules/support/mode.js';

describe('a wanted mode', () => {
  test.each([
    ['644', 0o777, false, '0644'],
    ['4755', 0, false, '4755'],
    ['u+x', 0o644, false, '0744'],
    ['u+rwX', 0o600, false, '0600'],
    ['a+X', 0o644, true, '0755'],
    ['a+X', 0o744, false, '0755'],
    ['u=rwX,go=rX', 0o700, false, '0755'],
    ['go-rwx', 0o2775, true, '2700'],
    ['u=rw,g=u,o=', 0o000, false, '0660'],
    ['+t', 0o777, true, '1777'],
    ['ug+s', 0o755, false, '6755'],
    ['g=rx', 0o2775, true, '2755'],
    ['=r', 0o777, false, '0444'],
  ])('%s on %o (folder: %s) is %s', (wanted, current, directory, expected) => {
    expect(resolveMode(wanted, { current, directory })).toBe(expected);
  });
});
