import { sh, type ShellText } from '../../shell/text.js';
import type { Change } from '../types.js';
import { readOnly } from './apt-state.js';
import type { Report } from './report.js';

export const upgradeKinds = ['no', 'yes', 'safe', 'full', 'dist'] as const;
export type UpgradeKind = (typeof upgradeKinds)[number];

/** What an upgrade would do with one package. */
export interface PackageUpgrade {
  readonly name: string;
  /** Not there for a package that comes anew. */
  readonly before?: string;
  /** Not there for a package that would be removed. */
  readonly after?: string;
}

/** The words of apt-get: as Ansible's, `yes` and `safe` remove nothing. */
export function upgradeWords(kind: UpgradeKind): ShellText {
  return kind === 'full' || kind === 'dist' ? sh`dist-upgrade` : sh`upgrade --with-new-pkgs`;
}

/** Tells what an upgrade would do, with the lists as they are; writes nothing. */
export function lookAtUpgrade(kind: UpgradeKind, release: string | undefined): ShellText {
  if (kind === 'no') return sh`:`;
  return sh`tell upgrade "$(LC_ALL=C apt-get -s ${readOnly} ${release === undefined ? [] : ['-t', release]} ${upgradeWords(kind)} 2>/dev/null | grep -E '^(Inst|Remv) ')"`;
}

/** What `lookAtUpgrade` told. Lines of apt-get -s: `Inst name [old] (new release [arch])`, `Remv name [old]`. */
export function parseUpgrade(report: Report): readonly PackageUpgrade[] {
  return (report.word('upgrade') ?? '').split('\n').flatMap((line): readonly PackageUpgrade[] => {
    const [, verb, name = '', before, after] = /^(Inst|Remv) (\S+)(?: \[([^\]\s]+)\])?(?: \((\S+))?/.exec(line) ?? [];
    if (verb === undefined) return [];
    const old = before === undefined ? {} : { before };
    return [{ name, ...old, ...(verb === 'Inst' && after !== undefined ? { after } : {}) }];
  });
}

export function upgradeChanges(upgrades: readonly PackageUpgrade[]): readonly Change[] {
  return upgrades.map(({ name, before = 'absent', after = 'absent' }) => ({ part: name, before, after }));
}
