import type { z } from 'zod';
import { joinShell, sh, type ShellText } from '../shell/text.js';
import { anything } from './promises.js';
import { aptGet, runApt, type AptStep } from './support/apt-run.js';
import {
  lookAtApt,
  packageChanges,
  parseApt,
  parseWish,
  readOnly,
  type AptState,
  type PackageWish,
} from './support/apt-state.js';
import { defineModule, params } from './support/define.js';
import {
  lookAtUpgrade,
  parseUpgrade,
  upgradeChanges,
  upgradeKinds,
  upgradeWords,
  type PackageUpgrade,
} from './support/apt-upgrade.js';
import { alias, choice, flag, path, seconds, words } from './support/fields.js';
import { parseReport, tell } from './support/report.js';
import {
  ModuleFailure,
  type Change,
  type Comparison,
  type HostWriter,
  type ModuleResult,
  type Promised,
} from './types.js';

/** apt takes a `-` at the end for "remove" and wildcards for all that match: neither is ever meant in a playbook. */
const packagePattern = /^[A-Za-z0-9][A-Za-z0-9+._-]*(?<!-)(?::[a-z0-9-]+)?(?:=[^\s=]+|\/[\w.-]+)?$/;

const aptParams = params(
  {
    name: alias(
      words('Packages: `name`, `name=version` (with `*`), `name:architecture`; a list or commas between.').default([]),
      'pkg',
      'package',
    ),
    state: choice(
      ['present', 'latest', 'absent'],
      'Whether they shall be installed, and at the newest version.',
    ).default('present'),
    upgrade: choice(
      upgradeKinds,
      'Upgrades all packages: `yes` and `safe` remove none, `full` and `dist` do where it has to be.',
    ).default('no'),
    deb: path('A package file on the host to install.').optional(),
    update_cache: flag(
      'Reads the package lists before something is installed, or always when no package is named.',
    ).default(false),
    cache_valid_time: seconds('Lists younger than this many seconds are not read again.').default(0),
    install_recommends: flag('Installs recommended packages as well; without it, as the host is set up.').optional(),
    purge: flag('Removes configuration files, too.').default(false),
    autoremove: flag('Removes packages that nothing needs any more.').default(false),
    fix_interrupted: flag('Finishes an interrupted package operation first (`dpkg --configure -a`).').default(false),
    lock_timeout: seconds("How long to wait for another's package operation.").default(60),
  },
  (value) => {
    const odd = value.name.find((name) => !packagePattern.test(name));
    if (odd !== undefined)
      return `${odd} is no package: a name, and after it perhaps \`:architecture\`, \`=version\` or \`/release\``;
    const names = value.name.length > 0 || value.deb !== undefined;
    if (names && value.upgrade !== 'no') return '`upgrade` is for all packages: give no `name` and no `deb` beside it';
    const nothing = !names && value.upgrade === 'no' && !value.update_cache && !value.autoremove;
    return nothing && !value.fix_interrupted
      ? 'give `name`, `deb`, `upgrade`, `update_cache` or `autoremove`'
      : undefined;
  },
);

export type AptParams = z.output<typeof aptParams>;

export interface AptFound extends AptState {
  /** What the package file holds: name and version. */
  readonly deb: { readonly name: string; readonly version: string } | undefined;
  /** What an autoremove would remove. */
  readonly unneeded: readonly string[];
  readonly upgrades: readonly PackageUpgrade[];
}

/** Packages of Debian and its kin. */
export const apt = defineModule<AptParams, unknown, AptFound>({
  name: 'apt',
  summary: 'Installs, upgrades and removes packages with apt.',
  params: aptParams,
  freeForm: 'name',
  background: 'awaited',
  look: ({ params }) => ({
    kind: 'script',
    script: joinShell([
      tell,
      sh`command -v apt-get >/dev/null 2>&1 || { echo 'there is no apt-get on this host' >&2; exit 1; }`,
      lookAtAptParams(params),
    ]),
    parse: (reply) => parseAptFound(parseReport(reply)),
  }),
  compare: (found, { params, promised }) => compareApt(found, { params, promised }),
  change: (host, { params, found, changes }) => changeApt(host, { params, found, changes }),
});

/** The look of the module, after `tell`. */
export function lookAtAptParams(params: AptParams): ShellText {
  const { deb, autoremove, name, state } = params;
  return joinShell([
    lookAtApt(name.map(parseWish), { state }),
    deb === undefined
      ? sh`:`
      : sh`tell deb "$(dpkg-deb -f -- ${deb} Package 2>&1)" "$(dpkg-deb -f -- ${deb} Version 2>&1)"
tell debinstalled "$(dpkg-query -W -f '\${db:Status-Abbrev} \${Version}' -- "$(dpkg-deb -f -- ${deb} Package 2>/dev/null)" 2>/dev/null)"`,
    autoremove
      ? sh`tell unneeded "$(apt-get -s ${readOnly} autoremove 2>/dev/null | sed -n 's/^Remv //p' | cut -d ' ' -f 1)"`
      : sh`:`,
    lookAtUpgrade(params.upgrade),
  ]);
}

export function parseAptFound(report: Parameters<typeof parseApt>[0]): AptFound {
  const [name, version] = report.records('deb')[0] ?? [];
  const state = parseApt(report);
  const known = /^ii\s+(\S+)/.exec(report.word('debinstalled') ?? '')?.[1];
  return {
    ...state,
    installed:
      name === undefined || known === undefined
        ? state.installed
        : [...state.installed, { name, architecture: '', status: 'ii', version: known }],
    deb: name === undefined || version === undefined ? undefined : { name, version },
    unneeded: (report.word('unneeded') ?? '').split('\n').filter((line) => line !== ''),
    upgrades: parseUpgrade(report),
  };
}

export function compareApt(
  found: AptFound,
  options: { readonly params: AptParams; readonly promised?: Promised | undefined },
): Comparison {
  const { params } = options;
  const wishes = wishesOf(params);
  const changes: Change[] = [];
  if (found.broken !== '' && params.fix_interrupted)
    changes.push({ part: 'dpkg', before: 'interrupted', after: 'configured' });
  if (isForNewest(params) && needsLists(params, found)) {
    return { kind: 'act', summary: 'reads the package lists, then upgrades' };
  }
  changes.push(
    ...packageChanges(wishes, { found, state: params.state, purge: params.purge }),
    ...debChanges(found, params),
    ...upgradeChanges(found.upgrades),
  );
  if (params.autoremove)
    changes.push(...found.unneeded.map((name) => ({ part: name, before: 'unneeded', after: 'absent' })));
  if (namesNothing(params) && needsLists(params, found)) {
    const age = found.listsAge === undefined ? 'never read' : `${found.listsAge} s old`;
    changes.push({ part: 'package lists', before: age, after: 'read' });
  }
  // apt tells nothing of an upgrade while an operation is interrupted.
  const isHidden = params.upgrade !== 'no' && found.broken !== '';
  if (changes.length === 0 && !isHidden) return { kind: 'same' };
  if (found.broken !== '' && !params.fix_interrupted) {
    const hint = '`fix_interrupted: true` or `dpkg --configure -a` on the host finishes it';
    return {
      kind: 'failed',
      message: `a package operation was interrupted on the host; ${hint}. dpkg says: ${found.broken}`,
    };
  }
  return { kind: 'change', changes, provides: params.state === 'absent' ? [] : [anything] };
}

export async function changeApt(
  host: HostWriter,
  options: { readonly params: AptParams; readonly found: AptFound; readonly changes: readonly Change[] },
): Promise<ModuleResult> {
  const { params, found } = options;
  const { lock_timeout: lockTimeout } = params;
  const run = (steps: readonly AptStep[]): Promise<string> => runApt(host, { steps, lockTimeout });
  if (found.busy) {
    await run([{ doing: "waiting for another's package operation", command: sh`:` }]);
    return changeIfNeeded(host, { params, found: { ...(await lookAgain(host, params)), busy: false } });
  }
  if (found.broken !== '' && params.fix_interrupted) {
    await run([
      {
        doing: 'finishing an interrupted package operation',
        command: sh`DEBIAN_FRONTEND=noninteractive dpkg --force-confdef --force-confold --configure -a`,
      },
    ]);
  }
  let changes = options.changes;
  if (needsLists(params, found)) {
    await run([{ doing: 'reading the package lists', command: aptGet(lockTimeout, sh`update`) }]);
    if (isForNewest(params)) changes = await newChanges(host, params);
  } else if (params.upgrade !== 'no' && found.broken !== '') changes = await newChanges(host, params);
  const steps = packageSteps(params, changes);
  if (changes.length === 0 && found.broken === '') return { changed: false };
  const stdout = steps.length === 0 ? '' : await run(steps);
  return { values: { stdout, stdout_lines: stdout.split('\n') } };
}

/** Compares again with what was found after a wait, and changes what is still to be changed. Throws ModuleFailure. */
async function changeIfNeeded(
  host: HostWriter,
  { params, found }: { readonly params: AptParams; readonly found: AptFound },
): Promise<ModuleResult> {
  const comparison = compareApt(found, { params });
  if (comparison.kind === 'failed') throw new ModuleFailure(comparison.message);
  if (comparison.kind === 'same') return { changed: false };
  return changeApt(host, { params, found, changes: comparison.kind === 'change' ? comparison.changes : [] });
}

async function lookAgain(host: HostWriter, params: AptParams): Promise<AptFound> {
  const { end, stdout, stderr } = await host.query(joinShell([tell, lookAtAptParams(params)]));
  return parseAptFound(parseReport({ code: end.kind === 'code' ? end.code : 1, stdout, stderr }));
}

function wishesOf(params: AptParams): readonly PackageWish[] {
  return params.name.map(parseWish);
}

function namesNothing(params: AptParams): boolean {
  return params.name.length === 0 && params.deb === undefined && params.upgrade === 'no';
}

/** Whether what is to be done depends on what the package lists offer. */
function isForNewest({ state, name, upgrade }: AptParams): boolean {
  return upgrade !== 'no' || (state === 'latest' && name.length > 0);
}

/** Whether the lists are to be read: asked for, and too old. */
function needsLists(params: AptParams, found: AptFound): boolean {
  if (!params.update_cache || params.state === 'absent') return false;
  return found.listsAge === undefined || params.cache_valid_time === 0 || found.listsAge >= params.cache_valid_time;
}

function debChanges(found: AptFound, params: AptParams): readonly Change[] {
  const { deb } = found;
  if (params.deb === undefined) return [];
  if (deb === undefined || deb.version === '' || deb.name.includes(' ')) {
    throw new ModuleFailure(`${params.deb} cannot be read as a package: ${deb?.name ?? 'dpkg-deb said nothing'}`);
  }
  const installed = found.installed.find(({ name, status }) => name === deb.name && status === 'ii');
  if (installed?.version === deb.version) return [];
  return [{ part: deb.name, before: installed?.version ?? 'absent', after: deb.version }];
}

/** What is to be upgraded now that the lists are fresh. */
async function newChanges(host: HostWriter, params: AptParams): Promise<readonly Change[]> {
  const found = await lookAgain(host, params);
  const { state, purge } = params;
  return [...packageChanges(wishesOf(params), { found, state, purge }), ...upgradeChanges(found.upgrades)];
}

function packageSteps(params: AptParams, changes: readonly Change[]): readonly AptStep[] {
  const { lock_timeout: lockTimeout, state } = params;
  const changed = new Set(changes.map(({ part }) => part));
  const wanted = wishesOf(params).filter(({ name }) => changed.has(name));
  const names = wanted.map(({ words }) => words);
  const steps: AptStep[] = [];
  if (names.length > 0 && state === 'absent') {
    const verb: ShellText = params.purge ? sh`purge` : sh`remove`;
    steps.push({
      doing: `removing ${names.join(', ')}`,
      command: aptGet(lockTimeout, sh`${verb} -- ${wanted.map(({ name }) => name)}`),
    });
  } else if (names.length > 0) {
    const flags = installFlags(params, wanted);
    steps.push({
      doing: `installing ${names.join(', ')}`,
      command: aptGet(lockTimeout, sh`install ${flags} -- ${names}`),
    });
  }
  if (params.deb !== undefined && changes.some(({ part }) => !wanted.some(({ name }) => name === part))) {
    const file = params.deb.startsWith('/') ? params.deb : `./${params.deb}`;
    steps.push({
      doing: `installing ${params.deb}`,
      command: aptGet(lockTimeout, sh`install --allow-downgrades -- ${file}`),
    });
  }
  if (params.upgrade !== 'no' && changes.length > 0)
    steps.push({ doing: 'upgrading packages', command: aptGet(lockTimeout, upgradeWords(params.upgrade)) });
  if (params.autoremove) {
    const flags = params.purge ? ['--purge'] : [];
    steps.push({
      doing: 'removing packages that nothing needs',
      command: aptGet(lockTimeout, sh`autoremove ${flags}`),
    });
  }
  return steps;
}

function installFlags(params: AptParams, wanted: readonly PackageWish[]): readonly string[] {
  const { install_recommends: recommends } = params;
  const flags = recommends === undefined ? [] : [recommends ? '--install-recommends' : '--no-install-recommends'];
  return wanted.some(({ version }) => version !== undefined) ? [...flags, '--allow-downgrades'] : flags;
}
