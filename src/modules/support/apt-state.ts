import { sh, type ShellText } from '../../shell/text.js';
import type { Change } from '../types.js';
import type { Report } from './report.js';

/** A package as a task names it: `name`, `name=version` (with `*`), `name:architecture`, `name/release`. */
export interface PackageWish {
  /** As given, for apt-get. */
  readonly words: string;
  readonly name: string;
  readonly architecture: string | undefined;
  readonly version: string | undefined;
}

export interface InstalledPackage {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  /** dpkg's two letters: wanted and real state ("ii", "rc", "iU"). */
  readonly status: string;
}

export interface AptState {
  readonly installed: readonly InstalledPackage[];
  /** Names that installed packages provide. */
  readonly provided: ReadonlySet<string>;
  /** The version apt would install, by package. */
  readonly candidates: ReadonlyMap<string, string>;
  /** What `dpkg --audit` says: not empty when a package operation was interrupted. */
  readonly broken: string;
  /** Another package operation is under way: what is half done is its own, and not interrupted. */
  readonly busy: boolean;
  /** Seconds since the package lists were last read; undefined when never. */
  readonly listsAge: number | undefined;
}

export type PackageState = 'present' | 'latest' | 'absent';

/** Splits a name as a task gives it. */
export function parseWish(words: string): PackageWish {
  const [, name = words, architecture, version] = /^([^=:/]+)(?::([a-z0-9-]+))?(?:=(.+)|\/.+)?$/.exec(words) ?? [];
  return { words, name, architecture, version };
}

/** apt's own cache files are not touched: a look writes nothing. */
export const readOnly = sh`-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=`;

/** Tells what dpkg has of the packages, what apt would install, and how old the lists are. */
export function lookAtApt(
  wishes: readonly PackageWish[],
  options: { readonly state: PackageState; readonly release: string | undefined },
): ShellText {
  const { release } = options;
  const from = release === undefined ? [] : ['-o', `APT::Default-Release=${release}`];
  const names = wishes.map(({ name }) => name);
  const always = options.state === 'latest' ? sh`true` : sh`[ "$found" -lt ${names.length} ]`;
  const packages = sh`known=$(dpkg-query -W -f '\${Package} \${Architecture} \${db:Status-Abbrev} \${Version}\n' -- ${names} 2>/dev/null)
tell installed "$known"
found=$(printf '%s\\n' "$known" | grep -c ' ii ')
if ${always}; then
  tell provides "$(dpkg-query -W -f '\${db:Status-Abbrev} \${Provides}\n' 2>/dev/null | sed -n 's/^ii *//p')"
  tell policy "$(apt-cache ${readOnly} ${from} policy -- ${names} 2>/dev/null)"
fi`;
  return sh`${names.length === 0 ? sh`:` : packages}
tell audit "$(dpkg --audit 2>&1 | head -c 4000)"
for stamp in /var/lib/apt/periodic/update-success-stamp /var/lib/apt/lists/partial /var/lib/apt/lists; do
  if [ -e "$stamp" ]; then tell lists "$(stat -c %Y "$stamp")" "$(date +%s)"; break; fi
done`;
}

/** What `lookAtApt` told. */
export function parseApt(report: Report): AptState {
  const [stamp, now] = report.records('lists')[0] ?? [];
  const audit = (report.word('audit') ?? '').trim();
  const busy = audit.startsWith('Another process has locked the database');
  return {
    installed: (report.word('installed') ?? '').split('\n').flatMap((line) => {
      const [, name = '', architecture = '', status = '', version = ''] =
        /^(\S+) (\S*) (..)\S* +(\S*)$/.exec(line) ?? [];
      return name === '' ? [] : [{ name, architecture, status, version }];
    }),
    provided: new Set(
      (report.word('provides') ?? '').split(/[\n,]/).map((item) => item.trim().replace(/ .*$/, '').replace(/:.*$/, '')),
    ),
    candidates: parsePolicy(report.word('policy') ?? ''),
    broken: busy ? '' : audit,
    busy,
    listsAge: stamp === undefined || now === undefined ? undefined : Math.max(0, Number(now) - Number(stamp)),
  };
}

/** Candidate versions out of `apt-cache policy`; packages without one are left out. */
export function parsePolicy(text: string): ReadonlyMap<string, string> {
  const candidates = new Map<string, string>();
  let name = '';
  for (const line of text.split('\n')) {
    const heading = /^(\S[^:]*)(?::[a-z0-9]+)?:$/.exec(line);
    if (heading?.[1] !== undefined) name = heading[1];
    const candidate = /^ {2}Candidate: (\S+)$/.exec(line)?.[1];
    if (candidate !== undefined && candidate !== '(none)') candidates.set(name, candidate);
  }
  return candidates;
}

/** What would change of the packages. */
export function packageChanges(
  wishes: readonly PackageWish[],
  options: {
    readonly found: AptState;
    readonly state: PackageState;
    readonly purge: boolean;
    /** Leaves out what is not installed. */
    readonly onlyUpgrade?: boolean;
  },
): readonly Change[] {
  const { found, state, purge, onlyUpgrade = false } = options;
  return wishes.flatMap((wish): readonly Change[] => {
    const { name, version, architecture } = wish;
    const records = found.installed.filter(
      (one) => one.name === name && (architecture === undefined || one.architecture === architecture),
    );
    const installed = records.find(({ status }) => status === 'ii');
    if (state === 'absent') {
      if (installed !== undefined)
        return [{ part: name, before: installed.version, after: purge ? 'purged' : 'absent' }];
      return purge && records.length > 0
        ? [{ part: name, before: 'removed, configuration left', after: 'purged' }]
        : [];
    }
    const candidate = found.candidates.get(name);
    if (installed === undefined) {
      if (onlyUpgrade) return [];
      if (version === undefined && found.provided.has(name)) return [];
      return [{ part: name, before: 'absent', after: version ?? candidate ?? 'present' }];
    }
    if (version !== undefined) {
      return matchesVersion(installed.version, version)
        ? []
        : [{ part: name, before: installed.version, after: version }];
    }
    const isOld = state === 'latest' && candidate !== undefined && candidate !== installed.version;
    return isOld ? [{ part: name, before: installed.version, after: candidate }] : [];
  });
}

/** Whether a version fits a wanted one, in which `*` stands for anything. */
export function matchesVersion(version: string, wanted: string): boolean {
  const pattern = wanted
    .split('*')
    .map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${pattern}$`).test(version);
}
