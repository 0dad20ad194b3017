import { describe, expect, test } from 'vitest';
import {
  matchesVersion,
  packageChanges,
  parsePolicy,
  parseWish,
  type AptState,
} from '../../../src/modules/support/apt-state.js';

const found: AptState = {
  installed: [
    { name: 'mawk', architecture: 'amd64', status: 'ii', version: '1.3.4-2' },
    { name: 'old', architecture: 'all', status: 'rc', version: '1' },
  ],
  provided: new Set(['awk']),
  candidates: new Map([
    ['nginx', '1.22'],
    ['mawk', '1.3.4-3'],
  ]),
  broken: '',
  busy: false,
  listsAge: 10,
};

const changesOf = (names: readonly string[], state: 'present' | 'latest' | 'absent', purge = false) =>
  packageChanges(names.map(parseWish), { found, state, purge }).map(({ part, before, after }) => [part, before, after]);

describe('what would change of packages', () => {
  test('is what is missing, at the version apt would take', () => {
    expect(changesOf(['nginx', 'mawk'], 'present')).toEqual([['nginx', 'absent', '1.22']]);
  });
  test('is nothing for a name that an installed package provides', () => {
    expect(changesOf(['awk'], 'present')).toEqual([]);
  });
  test('is nothing for what is not installed when only upgrades are meant', () => {
    const options = { found, state: 'latest', purge: false, onlyUpgrade: true } as const;
    expect(packageChanges(['nginx', 'mawk'].map(parseWish), options).map(({ part }) => part)).toEqual(['mawk']);
  });
  test('is an upgrade when the newest is asked for', () => {
    expect(changesOf(['mawk'], 'latest')).toEqual([['mawk', '1.3.4-2', '1.3.4-3']]);
  });
  test('is a version that was named, up or down', () => {
    expect(changesOf(['mawk=1.3.3*'], 'present')).toEqual([['mawk', '1.3.4-2', '1.3.3*']]);
    expect(changesOf(['mawk=1.3.4*'], 'present')).toEqual([]);
  });
  test('is a removal of what is installed, and of its settings by purge', () => {
    expect(changesOf(['mawk', 'nginx', 'old'], 'absent')).toEqual([['mawk', '1.3.4-2', 'absent']]);
    expect(changesOf(['old'], 'absent', true)).toEqual([['old', 'removed, configuration left', 'purged']]);
  });
});

test('a package is named with architecture, version or release', () => {
  expect(parseWish('libc6:i386=2.*')).toMatchObject({ name: 'libc6', architecture: 'i386', version: '2.*' });
  expect(parseWish('g++/stable')).toMatchObject({ name: 'g++', version: undefined });
});

test('a version matches with * for anything and nothing else special', () => {
  expect(matchesVersion('1:2.3+b1', '1:2.3+*')).toBe(true);
  expect(matchesVersion('1x2', '1.2')).toBe(false);
});

test('candidates are read from what apt-cache says', () => {
  const text =
    'nginx:\n  Installed: (none)\n  Candidate: 1.22\n  Version table:\n     1.22 500\nfoo:\n  Candidate: (none)\n';
  expect([...parsePolicy(text)]).toEqual([['nginx', '1.22']]);
});
