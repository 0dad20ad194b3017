import { joinShell, sh, type ShellText } from '../shell/text.js';
import { apt, changeApt, compareApt, lookAtAptParams, parseAptFound, type AptFound } from './apt.js';
import { anything } from './promises.js';
import type { AptParams } from './support/apt-params.js';
import { succeeded } from './support/command-result.js';
import { defineModule, params } from './support/define.js';
import { alias, choice, flag, words } from './support/fields.js';
import { packageManager, packageManagers, type PackageManager } from './support/package-managers.js';
import { parseReport, tell, type Report } from './support/report.js';
import { ModuleFailure, type Change, type Comparison, type HostWriter } from './types.js';

type Found =
  | { readonly kind: 'apt'; readonly apt: AptFound }
  | { readonly kind: 'other'; readonly manager: PackageManager; readonly versions: ReadonlyMap<string, string> };

interface PackageParams {
  readonly name: readonly string[];
  readonly state: 'present' | 'latest' | 'absent';
  readonly update_cache: boolean;
}

/** A letter or digit first, so that no name is a flag, and nothing that a manager would expand. */
const namePattern = /^[A-Za-z0-9][^\s*?[\]]*(?<!-)$/;

/** Packages by whatever manager the host has. */
export const packageModule = defineModule<PackageParams, unknown, Found>({
  name: 'package',
  summary:
    'Installs, upgrades and removes packages with the package manager the host has (apt, dnf, yum, zypper, apk, pacman).',
  params: params({
    name: alias(
      words('Packages, as this host names them: a list or commas between.').refine(
        (names) => names.every((name) => namePattern.test(name)),
        { error: ({ input }) => `${String(input)} is no name of a package` },
      ),
      'pkg',
    ),
    state: choice(
      ['present', 'latest', 'absent'],
      'Whether they shall be installed, and at the newest version.',
    ).default('present'),
    update_cache: alias(flag('Reads the package lists before something is installed.').default(false), 'expire-cache'),
  }),
  freeForm: 'name',
  background: 'awaited',
  look: ({ params }) => ({
    kind: 'script',
    script: lookScript(params, { managers: packageManagers, apt: true }),
    parse: (reply) => parseFound(parseReport(reply)),
  }),
  compare(found, { params, promised }) {
    if (found.kind === 'apt') return compareApt(found.apt, { params: aptParams(params), promised });
    return compareOther(found.versions, params);
  },
  change(host, { params, found, changes }) {
    if (found.kind === 'apt') return changeApt(host, { params: aptParams(params), found: found.apt, changes });
    return changeOther(host, { manager: found.manager, params, before: found.versions });
  },
});

function aptParams(params: PackageParams): AptParams {
  const parsed = apt.params.safeParse({ name: params.name, state: params.state, update_cache: params.update_cache });
  if (!parsed.success) throw new ModuleFailure(parsed.error.issues.map((issue) => issue.message).join('; '));
  return parsed.data;
}

function lookScript(
  params: PackageParams,
  { managers, apt: hasApt }: { readonly managers: readonly PackageManager[]; readonly apt: boolean },
): ShellText {
  const others = managers.map(
    (manager) => sh`elif command -v ${manager.name} >/dev/null 2>&1; then
tell manager ${manager.name}
tell versions "$(${manager.installed(params.name)})"`,
  );
  return joinShell([
    tell,
    hasApt ? sh`if command -v apt-get >/dev/null 2>&1; then` : sh`if false; then`,
    sh`tell manager apt`,
    lookAtAptParams(aptParams(params)),
    ...others,
    sh`else tell manager none
fi
exit 0`,
  ]);
}

function parseFound(report: Report): Found {
  const name = report.need('manager');
  if (name === 'apt') return { kind: 'apt', apt: parseAptFound(report) };
  const manager = packageManager(name);
  if (manager === undefined) {
    const known = ['apt', ...packageManagers.map((one) => one.name)].join(', ');
    throw new ModuleFailure(`the host has no package manager that is known here (${known})`);
  }
  return { kind: 'other', manager, versions: parseVersions(report.word('versions') ?? '') };
}

/** `name version` lines. */
export function parseVersions(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const [, name, version] = /^(\S+) (.+)$/.exec(line) ?? [];
      return name === undefined || version === undefined ? [] : [[name, version] as const];
    }),
  );
}

function compareOther(versions: ReadonlyMap<string, string>, params: PackageParams): Comparison {
  const { state } = params;
  if (state === 'latest') return { kind: 'act', summary: 'asks for newer versions and upgrades' };
  const differing = params.name.filter((name) => versions.has(name) === (state === 'absent'));
  if (differing.length === 0) return { kind: 'same' };
  const changes = differing.map((name): Change => ({
    part: name,
    before: versions.get(name) ?? 'absent',
    after: state === 'absent' ? 'absent' : 'present',
  }));
  return { kind: 'change', changes, provides: state === 'absent' ? [] : [anything] };
}

async function changeOther(
  host: HostWriter,
  options: {
    readonly manager: PackageManager;
    readonly params: PackageParams;
    readonly before: ReadonlyMap<string, string>;
  },
): Promise<{ readonly changed: boolean }> {
  const { manager, params, before } = options;
  const { name, state } = params;
  const doing = `${state === 'absent' ? 'removing' : 'installing'} ${name.join(', ')} with ${manager.name}`;
  const run = async (command: ShellText): Promise<Buffer> =>
    succeeded(await host.run(command, { ownChannel: true }), { host, doing });
  host.progress(doing);
  if (params.update_cache && state !== 'absent') await run(manager.readLists);
  if (state === 'present') await run(manager.install(name.filter((one) => !before.has(one))));
  else if (state === 'latest') await run(manager.upgrade(name));
  else await run(manager.remove(name.filter((one) => before.has(one))));
  const after = parseVersions((await run(sh`${manager.installed(name)}; exit 0`)).toString('utf8'));
  return { changed: name.some((one) => before.get(one) !== after.get(one)) };
}

/** Packages of hosts with dnf, or yum where there is none. */
export const dnf = defineModule<PackageParams, unknown, Found>({
  ...packageModule,
  name: 'dnf',
  summary: 'Installs, upgrades and removes packages with dnf, or with yum on hosts that have no dnf.',
  look: ({ params }) => ({
    kind: 'script',
    script: joinShell([
      tell,
      sh`if command -v dnf >/dev/null 2>&1 || command -v yum >/dev/null 2>&1; then :; else echo 'the host has neither dnf nor yum' >&2; exit 1; fi`,
      lookScript(params, {
        managers: packageManagers.filter(({ name }) => name === 'dnf' || name === 'yum'),
        apt: false,
      }),
    ]),
    parse: (reply) => parseFound(parseReport(reply)),
  }),
});
