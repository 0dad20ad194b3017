import type { z } from 'zod';
import { joinShell, sh, type ShellText } from '../shell/text.js';
import { pathResource } from './promises.js';
import { lookAtUser, parseUser, type UserState } from './support/account-state.js';
import { succeeded } from './support/command-result.js';
import { defineModule, params } from './support/define.js';
import { alias, choice, flag, integer, named, number, path, text, words } from './support/fields.js';
import { parseReport, tell } from './support/report.js';
import { agingChanges, agingSteps } from './support/user-aging.js';
import { addUser, changeUser, removeUser } from './support/user-commands.js';
import { lookAtUserKey, makeUserKey, parseUserKey, type UserKey } from './support/user-key.js';
import { passwordChanges, passwordSteps } from './support/user-password.js';
import { ModuleFailure, type Change } from './types.js';

const accountName = /^[A-Za-z_][A-Za-z0-9_.-]*\$?$/;

const userParams = params(
  {
    name: alias(named(accountName, { otherwise: 'is no name of a user', description: "The user's name." }), 'user'),
    state: choice(['present', 'absent'], 'Whether there shall be such a user.').default('present'),
    uid: integer('The number.').optional(),
    group: text('The primary group: a name or a number.').optional(),
    groups: words('Supplementary groups; an empty list takes the user out of all.').optional(),
    append: flag('Adds to `groups` and leaves the others.').default(false),
    comment: text('The full name.').optional(),
    home: path('The home folder.').optional(),
    create_home: alias(flag('Makes the home folder.').default(true), 'createhome'),
    move_home: flag('Moves what is in the old home folder when `home` changes.').default(false),
    shell: path('The login shell.').optional(),
    password: text('The hash of the password as in /etc/shadow; `!` or `*` for none.').optional(),
    update_password: choice(['always', 'on_create'], 'When the password is set.').default('always'),
    password_lock: flag('Whether the password is locked: no login by it, keys and sudo go on.').optional(),
    password_expire_min: integer('Days a password has to be kept.').optional(),
    password_expire_max: integer('Days after which a password has to be changed.').optional(),
    expires: number('When the account ends, in seconds since 1970; a negative number for never.').optional(),
    non_unique: flag("Takes a `uid` that is another user's too.").default(false),
    skeleton: path('The folder a new home folder is a copy of.').optional(),
    umask: named(/^[0-7]{3,4}$/, {
      otherwise: 'must be octal digits in quotes ("0077")',
      description: 'The umask a new home folder is made with.',
    }).optional(),
    generate_ssh_key: flag('Makes an ssh key for the user, as the user; one that is there is left.').default(false),
    ssh_key_file: path('Where the key is; below the home folder when relative; `.ssh/id_TYPE` by default.').optional(),
    ssh_key_type: choice(['rsa', 'ed25519', 'ecdsa', 'dsa'], 'The kind of key.').default('rsa'),
    ssh_key_bits: integer("The length of the key; ssh-keygen's own without it.").optional(),
    ssh_key_comment: text('The comment of the key; USER@HOST without it.').optional(),
    ssh_key_passphrase: text('The passphrase of a new key.').optional(),
    system: flag('Makes it a system user.').default(false),
    remove: flag('Removes the home folder with the user.').default(false),
    force: flag('Removes a user who is logged in.').default(false),
  },
  ({ comment, password, ssh_key_passphrase: passphrase }) => {
    if (passphrase !== undefined && !/^[^\n\r]{5,}$/.test(passphrase))
      return '`ssh_key_passphrase` must be one line of five characters or more, as ssh-keygen wants it';
    if (comment !== undefined && /[:\n]/.test(comment)) return '`comment` cannot hold `:` or a newline';
    const isHash = password === undefined || /^[!*]+$|^!?\$[^:\n]+$|^[./A-Za-z0-9]{13}$/.test(password);
    return isHash ? undefined : '`password` must be a hash as /etc/shadow has it ("$6$…"), not the password itself';
  },
);

export type UserParams = z.output<typeof userParams>;

export interface UserFound {
  readonly user: UserState | undefined;
  /** Whose tools manage users: those of the shadow suite or busybox's. */
  readonly tool: string;
  /** The key pair that is asked for, of a user that exists. */
  readonly key: UserKey | undefined;
}

/** User accounts. */
export const user = defineModule<UserParams, unknown, UserFound>({
  name: 'user',
  summary: 'Makes, changes and removes users.',
  params: userParams,
  freeForm: 'name',
  background: 'awaited',
  secrets: ['password', 'ssh_key_passphrase'],
  look: ({ params }) => ({
    kind: 'script',
    script: joinShell([tell, lookAtUser(params.name), lookAtUserKey(params)]),
    parse(reply) {
      const report = parseReport(reply);
      return { user: parseUser(report), tool: report.need('tool'), key: parseUserKey(report) };
    },
  }),
  compare(found, { params }) {
    const changes = [...userChanges(found.user, params), ...keyChanges(found.key, params)];
    const values = { ...valuesOf(params, found.user), ...found.key?.values };
    if (changes.length === 0) return { kind: 'same', values };
    if (found.tool === 'none') throw new ModuleFailure('the host has neither useradd nor adduser');
    const home = params.home ?? found.user?.home ?? `/home/${params.name}`;
    const provides =
      params.state === 'absent' ? [] : [`user:${params.name}`, `group:${params.name}`, pathResource(home)];
    return { kind: 'change', changes, values, provides: [...provides, ...keyResources(changes, home)] };
  },
  async change(host, { params, found, changes }) {
    const script = scriptOf(params, { found, changes });
    succeeded(await host.run(script, { ownChannel: true }), { host, doing: `cannot change the user ${params.name}` });
    const makesKey = changes.some(({ part }) => part === keyPart);
    const key = makesKey ? await makeUserKey(host, params) : found.key;
    return { values: { ...valuesOf(params, found.user), ...key?.values } };
  },
});

const keyPart = 'ssh key';

function keyChanges(found: UserKey | undefined, params: UserParams): readonly Change[] {
  if (!params.generate_ssh_key || params.state === 'absent' || found?.exists === true) return [];
  return [{ part: keyPart, before: 'absent', after: params.ssh_key_file ?? `.ssh/id_${params.ssh_key_type}` }];
}

function keyResources(changes: readonly Change[], home: string): readonly string[] {
  const file = changes.find(({ part }) => part === keyPart)?.after;
  if (typeof file !== 'string') return [];
  const full = file.startsWith('/') ? file : `${home}/${file}`;
  return [pathResource(full), pathResource(`${full}.pub`)];
}

/** What would change of a user. The hash of a password is never part of it. */
export function userChanges(found: UserState | undefined, params: UserParams): readonly Change[] {
  if (params.state === 'absent')
    return found === undefined ? [] : [{ part: 'state', before: 'present', after: 'absent' }];
  if (found === undefined) {
    const { uid, group, groups, comment, home, shell } = params;
    const wanted = Object.entries({ uid, group, groups, comment, home, shell }).flatMap(
      ([part, after]): readonly Change[] => (after === undefined ? [] : [{ part, after }]),
    );
    return [{ part: 'state', before: 'absent', after: 'present' }, ...wanted, ...agingChanges(undefined, params)];
  }
  const changes: Change[] = [];
  const differs = (part: string, before: string | number, after: string | number | undefined): void => {
    if (after !== undefined && after !== before) changes.push({ part, before, after });
  };
  differs('uid', found.uid, params.uid);
  if (params.group !== String(found.gid)) differs('group', found.group, params.group);
  differs('comment', found.comment, params.comment);
  differs('home', found.home, params.home);
  differs('shell', found.shell, params.shell);
  const groups = wantedGroups(found, params);
  if (groups !== undefined) changes.push({ part: 'groups', before: [...found.groups].sort(), after: groups });
  changes.push(...passwordChanges(found, params), ...agingChanges(found.aging, params));
  if (params.create_home && !found.homeExists && params.home !== undefined) {
    changes.push({ part: 'home folder', before: 'absent', after: 'present' });
  }
  return changes;
}

/** The supplementary groups there shall be; undefined when they are already so. */
function wantedGroups(found: UserState, params: UserParams): readonly string[] | undefined {
  if (params.groups === undefined) return undefined;
  const wanted = new Set([...params.groups, ...(params.append ? found.groups : [])]);
  wanted.delete(params.group ?? found.group);
  const same = wanted.size === found.groups.length && found.groups.every((group) => wanted.has(group));
  return same ? undefined : [...wanted].sort();
}

function scriptOf(
  params: UserParams,
  options: { readonly found: UserFound; readonly changes: readonly Change[] },
): ShellText {
  const { found, changes } = options;
  if (params.state === 'absent') return removeUser(params, found.tool);
  const script =
    found.user === undefined ? addUser(params, found.tool) : changeUser(params, { tool: found.tool, changes });
  const isSet = found.user === undefined || changes.some(({ part }) => part === 'password');
  const steps = [...passwordSteps(params, { tool: found.tool, isSet, changes }), ...agingSteps(params.name, changes)];
  return joinShell(
    [
      sh`{ ${script}
}`,
      ...steps.map(
        (step) => sh`{ ${step}
}`,
      ),
    ],
    ' && ',
  );
}

function valuesOf(params: UserParams, found: UserState | undefined): Readonly<Record<string, string | number>> {
  const { name, state } = params;
  if (found === undefined) return { name, state };
  return {
    name,
    state,
    uid: params.uid ?? found.uid,
    home: params.home ?? found.home,
    shell: params.shell ?? found.shell,
  };
}
