import { describe, expect, it } from 'vitest';
import { columnsOf, visible } from '../../../src/core/visible.js';

describe('visible text', () => {
  it.each([
    ['plain é 汉 🙂', 'plain é 汉 🙂'],
    ['\u0000\t\n\u001B[2J\u007F', '␀␉␊␛[2J␡'],
    ['\u009B', '<U+009B>'],
    ['a\u202Eb\u2066c\u200B\uFEFF', 'a<U+202E>b<U+2066>c<U+200B><U+FEFF>'],
    ['\u2028\u2029', '<U+2028><U+2029>'],
    ['\uD800', '<U+D800>'],
  ])('%j', (text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it('has the width a terminal gives it', () => {
    expect(['abc', '汉字', '🙂', 'e\u0301'].map(columnsOf)).toEqual([3, 4, 2, 1]);
  });
});
