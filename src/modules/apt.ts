import { joinShell, sh, type ShellText } from '../shell/text.js';
import { anything } from './promises.js';
import { aptParams, wishesOf, type AptParams } from './support/apt-params.js';
import { aptGet, runApt, type AptStep } from './support/apt-run.js';
import { lookAtApt, packageChanges, parseApt, readOnly, type AptState } from './support/apt-state.js';
import { packageSteps } from './support/apt-steps.js';
import { lookAtUpgrade, parseUpgrade, upgradeChanges, type PackageUpgrade } from './support/apt-upgrade.js';
import { defineModule } from './support/define.js';
import { parseReport, tell } from './support/report.js';
import {
  ModuleFailure,
  type Change,
  type Comparison,
  type HostWriter,
  type ModuleResult,
  type Promised,
} from './types.js';

export interface AptFound extends AptState {
  /** What the package file holds: name and version. */
  readonly deb: { readonly name: string; readonly version: string } | undefined;
  /** What an autoremove would remove. */
  readonly unneeded: readonly string[];
  readonly upgrades: readonly PackageUpgrade[];
  /** How many downloaded packages there are: those an autoclean would remove, and all. */
  readonly outdated: number;
  readonly downloaded: number;
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
  const { deb, autoremove, state, default_release: release } = params;
  return joinShell([
    lookAtApt(wishesOf(params), { state, release }),
    deb === undefined
      ? sh`:`
      : sh`tell deb "$(dpkg-deb -f -- ${deb} Package 2>&1)" "$(dpkg-deb -f -- ${deb} Version 2>&1)"
tell debinstalled "$(dpkg-query -W -f '\${db:Status-Abbrev} \${Version}' -- "$(dpkg-deb -f -- ${deb} Package 2>/dev/null)" 2>/dev/null)"`,
    autoremove
      ? sh`tell unneeded "$(apt-get -s ${readOnly} autoremove 2>/dev/null | sed -n 's/^Remv //p' | cut -d ' ' -f 1)"`
      : sh`:`,
    params.autoclean ? sh`tell outdated "$(apt-get -s ${readOnly} autoclean 2>/dev/null | grep -c '^Del ')"` : sh`:`,
    params.clean
      ? sh`tell downloaded "$(ls /var/cache/apt/archives /var/cache/apt/archives/partial 2>/dev/null | grep -c '[.]deb')"`
      : sh`:`,
    lookAtUpgrade(params.upgrade, release),
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
    outdated: Number(report.word('outdated') ?? '0'),
    downloaded: Number(report.word('downloaded') ?? '0'),
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
    ...packageChanges(wishes, { found, ...judgement(params) }),
    ...debChanges(found, params),
    ...upgradeChanges(found.upgrades),
  );
  changes.push(...cacheChanges(found, params));
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
        command: sh`DEBIAN_FRONTEND=noninteractive dpkg ${params.dpkg_options.map((one) => `--${one}`)} --configure -a`,
      },
    ]);
  }
  let changes = options.changes;
  if (needsLists(params, found)) {
    await run([{ doing: 'reading the package lists', command: aptGet(params, sh`update`) }]);
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

function judgement({ state, purge, only_upgrade: onlyUpgrade }: AptParams) {
  return { state, purge, onlyUpgrade };
}

/** What would change of the downloaded packages: those of the task itself are not counted. */
function cacheChanges({ outdated, downloaded }: AptFound, { autoclean, clean }: AptParams): readonly Change[] {
  if (clean && downloaded > 0) return [{ part: 'downloaded packages', before: downloaded, after: 0 }];
  return autoclean && outdated > 0 ? [{ part: 'outdated downloaded packages', before: outdated, after: 0 }] : [];
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
  return [...packageChanges(wishesOf(params), { found, ...judgement(params) }), ...upgradeChanges(found.upgrades)];
}
