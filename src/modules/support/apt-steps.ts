import { sh, type ShellText } from '../../shell/text.js';
import type { Change } from '../types.js';
import { wishesOf, type AptParams } from './apt-params.js';
import { aptGet, type AptStep } from './apt-run.js';
import type { PackageWish } from './apt-state.js';
import { upgradeWords } from './apt-upgrade.js';

/** The calls of apt-get that bring the changes about. */
export function packageSteps(params: AptParams, changes: readonly Change[]): readonly AptStep[] {
  const { state } = params;
  const changed = new Set(changes.map(({ part }) => part));
  const wanted = wishesOf(params).filter(({ name }) => changed.has(name));
  const names = wanted.map(({ words }) => words);
  const steps: AptStep[] = [];
  if (names.length > 0 && state === 'absent') {
    const verb: ShellText = params.purge ? sh`purge` : sh`remove`;
    steps.push({
      doing: `removing ${names.join(', ')}`,
      command: aptGet(params, sh`${verb} ${heldFlag(params)} -- ${wanted.map(({ name }) => name)}`),
    });
  } else if (names.length > 0) {
    const flags = installFlags(params, wanted);
    steps.push({
      doing: `installing ${names.join(', ')}`,
      command: aptGet(params, sh`install ${flags} -- ${names}`),
    });
  }
  if (params.deb !== undefined && changes.some(({ part }) => !wanted.some(({ name }) => name === part))) {
    const file = params.deb.startsWith('/') ? params.deb : `./${params.deb}`;
    steps.push({
      doing: `installing ${params.deb}`,
      command: aptGet(params, sh`install ${[...commonFlags(params), '--allow-downgrades']} -- ${file}`),
    });
  }
  if (params.upgrade !== 'no' && changes.length > 0)
    steps.push({
      doing: 'upgrading packages',
      command: aptGet(params, sh`${upgradeWords(params.upgrade)} ${upgradeFlags(params)}`),
    });
  if (params.autoremove) {
    const flags = params.purge ? ['--purge'] : [];
    steps.push({
      doing: 'removing packages that nothing needs',
      command: aptGet(params, sh`autoremove ${flags}`),
    });
  }
  if (params.autoclean)
    steps.push({ doing: 'removing packages that were downloaded long ago', command: aptGet(params, sh`autoclean`) });
  if (params.clean) steps.push({ doing: 'removing downloaded packages', command: aptGet(params, sh`clean`) });
  return steps;
}

/** What holds for all that installs. */
function commonFlags(params: AptParams): readonly string[] {
  const { install_recommends: recommends, default_release: release } = params;
  return [
    ...(recommends === undefined ? [] : [recommends ? '--install-recommends' : '--no-install-recommends']),
    ...(release === undefined ? [] : ['-t', release]),
    ...(params.only_upgrade ? ['--only-upgrade'] : []),
    ...(params.allow_unauthenticated ? ['--allow-unauthenticated'] : []),
    ...(params.fail_on_autoremove ? ['--no-remove'] : []),
    ...heldFlag(params),
  ];
}

function heldFlag(params: AptParams): readonly string[] {
  return params.allow_change_held_packages ? ['--allow-change-held-packages'] : [];
}

function upgradeFlags(params: AptParams): readonly string[] {
  return [...commonFlags(params), ...(params.allow_downgrade === true ? ['--allow-downgrades'] : [])];
}

function installFlags(params: AptParams, wanted: readonly PackageWish[]): readonly string[] {
  const { allow_downgrade: older = wanted.some(({ version }) => version !== undefined) } = params;
  return [...commonFlags(params), ...(older ? ['--allow-downgrades'] : [])];
}
