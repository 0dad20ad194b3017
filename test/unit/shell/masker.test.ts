import { describe, expect, it } from 'vitest';
import { Masker } from '../../../src/shell/masker.js';
import { maskText } from '../../../src/shell/secret.js';

describe('the masker', () => {
  it('masks values of megabytes, and thousands of them', () => {
    const masker = new Masker();
    const huge = 'x'.repeat(3_000_000);
    masker.learn(huge);
    for (let index = 0; index < 2_000; index += 1) masker.learn(`secret-number-${index}-end`);
    expect(masker.mask(`before ${huge} after`)).toBe(`before ${maskText} after`);
    expect(masker.mask('a secret-number-1999-end b')).toBe(`a ${maskText} b`);
  });

  it('masks the whole of a secret that begins with another one', () => {
    const masker = new Masker();
    masker.learn('pass');
    masker.learn('password-of-somebody');
    expect(masker.mask('password-of-somebody')).toBe(maskText);
  });
});
