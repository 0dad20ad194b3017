import { describe, expect, it } from 'vitest';
import { plainData } from '../../../src/syntax/located.js';
import { located, read } from './read.js';

/** Each row: what a YAML 1.1 reader takes for something else, and what it is here. */
describe('scalars that readers of YAML disagree about', () => {
  const understood: readonly (readonly [string, unknown])[] = [
    ['yes', 'yes'],
    ['no', 'no'],
    ['on', 'on'],
    ['off', 'off'],
    ['y', 'y'],
    ['1:23', '1:23'],
    ['0o644', 420],
    ['2024-01-02', '2024-01-02'],
    ['1e10', 1e10],
    ['1.10', 1.1],
    ['1_000', '1_000'],
    ['0x1F', 31],
    ['~', null],
    ['0', 0],
    ['0.5', 0.5],
    ['01-setup.sh', '01-setup.sh'],
    ['00:1B:44:11:3A:B7', '00:1B:44:11:3A:B7'],
    ['9007199254740991', 9_007_199_254_740_991],
  ];
  it.each(understood)('%s is read as YAML 1.2 says', (text, value) => {
    expect(plainData(located(`a: ${text}\n`))).toEqual({ a: value });
  });

  it.each(['0644', '08', '007', '-01', '01:23', '00.5'])('%s is refused, with a hint to quote it', (text) => {
    expect(read(`a: ${text}\n`).problems).toEqual([
      expect.stringMatching(new RegExp(`^1:4 leading-zero: .*quote it: "${text}"$`)),
    ]);
  });

  it.each(['12345678901234567890', '-12345678901234567890', '0xFFFFFFFFFFFFFFFF', '9007199254740993'])(
    '%s is refused, because it would lose digits',
    (text) => {
      expect(read(`a: ${text}\n`).problems).toEqual([expect.stringMatching(/^1:4 number-range: .*quote it/)]);
    },
  );

  it.each(['.inf', '-.Inf', '.nan', '1e999'])('%s is refused, because no number stands for it', (text) => {
    expect(read(`a: ${text}\n`).problems).toEqual([expect.stringMatching(/^1:4 number-range: /)]);
  });

  it('leaves text where a number is refused, so that no second mistake follows', () => {
    const map = read('a: 0644\n').located;
    expect(map === undefined ? undefined : plainData(map)).toEqual({ a: '0644' });
  });
});
