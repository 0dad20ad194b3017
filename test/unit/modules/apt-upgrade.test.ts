import { describe, expect, test } from 'vitest';
import { apt, type AptFound, compareApt } from '../../../src/modules/apt.js';
import { parseUpgrade, type PackageUpgrade, upgradeWords } from '../../../src/modules/support/apt-upgrade.js';
import type { Report } from '../../../src/modules/support/report.js';
import { aptFound } from './apt-found.js';

const said = `Inst base-files [12.4+deb12u11] (12.4+deb12u15 Debian:12.15/oldstable [amd64])
Inst libnew (1.0-1 Debian:12.15/oldstable, Debian-Security:12/oldstable-security [amd64]) []
Remv old-one [2:1.1]
`;
const upgrades: readonly PackageUpgrade[] = [
  { name: 'base-files', before: '12.4+deb12u11', after: '12.4+deb12u15' },
  { name: 'libnew', after: '1.0-1' },
  { name: 'old-one', before: '2:1.1' },
];

const compare = (given: Record<string, unknown>, state: Partial<AptFound> = {}) =>
  compareApt({ ...aptFound, upgrades, ...state }, { params: apt.params.parse(given) });

test('what an upgrade would do is read from what apt-get -s says', () => {
  const report: Pick<Report, 'word'> = { word: () => said };
  expect(parseUpgrade(report as Report)).toEqual(upgrades);
});

describe('apt with upgrade', () => {
  test('changes what comes newer, anew, or goes', () => {
    const comparison = compare({ upgrade: 'dist' });
    expect(comparison).toMatchObject({
      kind: 'change',
      changes: [
        { part: 'base-files', before: '12.4+deb12u11', after: '12.4+deb12u15' },
        { part: 'libnew', before: 'absent', after: '1.0-1' },
        { part: 'old-one', before: '2:1.1', after: 'absent' },
      ],
    });
  });

  test('has nothing to do when apt has nothing', () => {
    expect(compare({ upgrade: 'yes' }, { upgrades: [] })).toEqual({ kind: 'same' });
  });

  test('can only be told by doing it when the lists are to be read first', () => {
    expect(compare({ upgrade: 'safe', update_cache: true }, { upgrades: [] })).toMatchObject({ kind: 'act' });
    const young = { upgrade: 'safe', update_cache: true, cache_valid_time: 3600 };
    expect(compare(young, { upgrades: [] })).toEqual({ kind: 'same' });
  });

  test('fails while an operation is interrupted, of which apt hides everything else', () => {
    expect(compare({ upgrade: 'yes' }, { upgrades: [], broken: 'half configured' })).toMatchObject({ kind: 'failed' });
  });

  test('removes packages only when it may', () => {
    expect(['yes', 'safe', 'full', 'dist'].map((kind) => upgradeWords(kind as 'yes').raw)).toEqual([
      'upgrade --with-new-pkgs',
      'upgrade --with-new-pkgs',
      'dist-upgrade',
      'dist-upgrade',
    ]);
  });

  test('is for all packages alone', () => {
    expect(apt.params.safeParse({ upgrade: 'dist', name: 'nginx' }).error?.issues[0]?.message).toContain(
      'give no `name`',
    );
  });
});
