import type { z } from 'zod';
import { parseWish, type PackageWish } from './apt-state.js';
import { upgradeKinds } from './apt-upgrade.js';
import { params } from './define.js';
import { alias, choice, flag, named, path, seconds, words } from './fields.js';

/** apt takes a `-` at the end for "remove" and wildcards for all that match: neither is ever meant in a playbook. */
const packagePattern = /^[A-Za-z0-9][A-Za-z0-9+._-]*(?<!-)(?::[a-z0-9-]+)?(?:=[^\s=]+|\/[\w.-]+)?$/;

export const aptParams = params(
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
    update_cache: alias(
      flag('Reads the package lists before something is installed, or always when no package is named.').default(false),
      'update-cache',
    ),
    cache_valid_time: seconds('Lists younger than this many seconds are not read again.').default(0),
    install_recommends: alias(
      flag('Installs recommended packages as well; without it, as the host is set up.').optional(),
      'install-recommends',
    ),
    only_upgrade: flag('Upgrades those that are installed and leaves the others out.').default(false),
    default_release: alias(
      named(/^[A-Za-z0-9][\w.+=/~-]*$/, {
        otherwise: 'is no name of a release',
        description: 'The release that packages are taken from: `bookworm-backports`.',
      }).optional(),
      'default-release',
    ),
    allow_downgrade: alias(
      flag('Puts an older version in the place of a newer one; without it, where a version is named.').optional(),
      'allow-downgrade',
      'allow_downgrades',
      'allow-downgrades',
    ),
    allow_change_held_packages: flag('Changes packages that are held as well.').default(false),
    allow_unauthenticated: alias(
      flag('Installs packages that nobody has signed.').default(false),
      'allow-unauthenticated',
    ),
    fail_on_autoremove: flag('Fails when something would have to be removed.').default(false),
    dpkg_options: words(
      'Options of dpkg without their dashes, as in Ansible: what becomes of settings that were changed on the host.',
    )
      .refine(
        (all) => all.every((one) => /^[a-z][\w=,./-]*$/.test(one)),
        'must be options of dpkg without their dashes',
      )
      .default(['force-confdef', 'force-confold']),
    force_apt_get: flag("Ansible's word for what is always so here: apt-get is used, not aptitude.").default(true),
    purge: flag('Removes configuration files, too.').default(false),
    autoremove: flag('Removes packages that nothing needs any more.').default(false),
    autoclean: flag('Removes downloaded packages that can no longer be downloaded.').default(false),
    clean: flag('Removes all downloaded packages.').default(false),
    fix_interrupted: flag('Finishes an interrupted package operation first (`dpkg --configure -a`).').default(false),
    lock_timeout: seconds("How long to wait for another's package operation.").default(60),
  },
  (value) => {
    const odd = value.name.find((name) => !packagePattern.test(name));
    if (odd !== undefined)
      return `${odd} is no package: a name, and after it perhaps \`:architecture\`, \`=version\` or \`/release\``;
    const names = value.name.length > 0 || value.deb !== undefined;
    if (names && value.upgrade !== 'no') return '`upgrade` is for all packages: give no `name` and no `deb` beside it';
    const { update_cache: lists, autoremove, autoclean, clean, fix_interrupted: fix } = value;
    const nothing = !names && value.upgrade === 'no' && !lists && !autoremove && !autoclean && !clean && !fix;
    return nothing ? 'give `name`, `deb`, `upgrade`, `update_cache`, `autoremove`, `autoclean` or `clean`' : undefined;
  },
);

export type AptParams = z.output<typeof aptParams>;

export function wishesOf(params: AptParams): readonly PackageWish[] {
  return params.name.map(parseWish);
}
