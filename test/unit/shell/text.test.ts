import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Masker } from '../../../src/shell/masker.js';
import { quote } from '../../../src/shell/quote.js';
import { Secret } from '../../../src/shell/secret.js';
import { sh, shellSource } from '../../../src/shell/text.js';

const withoutNul = fc
  .string({ unit: 'binary', maxLength: 40 })
  .filter((text) => !text.includes('\0') && !/\p{Surrogate}/u.test(text));

describe('quoting', () => {
  it('gives any word back byte for byte, 2,000 words at a time', () => {
    fc.assert(
      fc.property(fc.array(withoutNul, { minLength: 2000, maxLength: 2000 }), (words) => {
        const script = `printf '%s\\0' ${words.map(quote).join(' ')}`;
        const said = execFileSync('sh', ['-s'], { input: script, maxBuffer: 1e9 });
        expect(said.equals(Buffer.from(words.map((word) => `${word}\0`).join('')))).toBe(true);
      }),
      { numRuns: 5 },
    );
  });

  it('refuses a word with a NUL', () => {
    expect(() => quote('a\0b')).toThrow(RangeError);
  });

  it('quotes each hole, joins lists and splices shell text', () => {
    expect(sh`rm -f -- ${['a b', 'c']} ${3} ${shellSource('| cat')}`.raw).toBe("rm -f -- 'a b' c 3 | cat");
  });

  it('builds the masked text together with the raw one', () => {
    const text = sh`login ${new Secret(`it's`)} now`;
    expect(text.raw).toBe(`login 'it'\\''s' now`);
    expect(text.masked).toBe('login ******** now');
  });
});

describe('masking by value', () => {
  const masker = new Masker();
  masker.learn('s3cr3t/"x"');
  masker.learn('line one\nline two');

  it.each([
    's3cr3t/"x"',
    JSON.stringify('s3cr3t/"x"'),
    encodeURIComponent('s3cr3t/"x"'),
    Buffer.from('s3cr3t/"x"').toString('base64'),
    'a line two b',
  ])('hides %s', (text) => {
    expect(masker.mask(`<${text}>`)).toContain('********');
    expect(masker.mask(`<${text}>`)).not.toMatch(/s3cr3t|line two/);
  });

  it('leaves structure, numbers and booleans alone', () => {
    expect(masker.maskData({ a: [true, 1, null, 'line one'] })).toEqual({ a: [true, 1, null, '********'] });
  });

  it('does not blank out text for a secret of one or two characters', () => {
    const short = new Masker();
    short.learn('1');
    expect(short.mask('10 hosts in 1 s')).toBe('10 hosts in 1 s');
  });

  it('is not printed by accident', () => {
    const secret = new Secret('hunter2');
    expect(`${String(secret)} ${JSON.stringify({ secret })}`).not.toContain('hunter2');
  });
});
