import { describe, expect, test } from 'vitest';
import { apt, compareApt, type AptFound } from '../../../src/modules/apt.js';
import { aptParams } from '../../../src/modules/support/apt-params.js';
import { packageSteps } from '../../../src/modules/support/apt-steps.js';
import { aptFound } from './apt-found.js';

const found: AptFound = { ...aptFound, outdated: 2, downloaded: 5 };

const commands = (given: Record<string, unknown>): readonly string[] => {
  const params = aptParams.parse(given);
  const comparison = compareApt(found, { params });
  return packageSteps(params, comparison.kind === 'change' ? comparison.changes : []).map(({ command }) => command.raw);
};

describe('what apt-get is called with', () => {
  test('has the words of each parameter', () => {
    const [command] = commands({
      name: 'nginx',
      'default-release': 'bookworm-backports',
      'install-recommends': false,
      allow_change_held_packages: true,
      fail_on_autoremove: true,
      only_upgrade: false,
      dpkg_options: 'force-confnew',
    });
    expect(command).toContain('Dpkg::Options::=--force-confnew');
    expect(command).not.toContain('confold');
    expect(command).toMatch(
      /install --no-install-recommends -t bookworm-backports --no-remove --allow-change-held-packages -- nginx$/,
    );
  });
  test('puts older versions in place where one is named, unless that is forbidden', () => {
    expect(commands({ name: 'nginx=1.0' })[0]).toContain('--allow-downgrades');
    expect(commands({ name: 'nginx=1.0', allow_downgrades: false })[0]).not.toContain('--allow-downgrades');
    expect(commands({ name: 'nginx', allow_downgrade: true })[0]).toContain('--allow-downgrades');
  });
  test('removes what was downloaded last of all', () => {
    expect(commands({ name: 'nginx', clean: true }).map((one) => / (install|clean)\b/.exec(one)?.[1])).toEqual([
      'install',
      'clean',
    ]);
    expect(compareApt(found, { params: aptParams.parse({ autoclean: true }) })).toMatchObject({
      changes: [{ part: 'outdated downloaded packages', before: 2, after: 0 }],
    });
    const empty = { ...found, outdated: 0, downloaded: 0 };
    expect(compareApt(empty, { params: aptParams.parse({ autoclean: true, clean: true }) })).toEqual({ kind: 'same' });
  });
});

test('options of dpkg are given as in Ansible, without dashes', () => {
  expect(apt.params.safeParse({ name: 'x', dpkg_options: '--force-confnew' }).error?.issues[0]?.message).toContain(
    'without their dashes',
  );
});
