import type { z } from 'zod';
import { joinShell, sh, type ShellText } from '../shell/text.js';
import { pathResource } from './promises.js';
import { lookAtUser, parseUser, type UserState } from './support/account-state.js';
import { succeeded } from './support/command-result.js';
import { defineModule, params } from './support/define.js';
import { alias, choice, flag, integer, named, path, text, words } from './support/fields.js';
import { parseReport, tell } from './support/report.js';
import { addUser, changeUser, removeUser } from './support/user-commands.js';
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
    shell: path('The login shell.').optional(),
    password: text('The hash of the password as in /etc/shadow; `!` or `*` for none.').optional(),
    update_password: choice(['always', 'on_create'], 'When the password is set.').default('always'),
    system: flag('Makes it a system user.').default(false),
    remove: flag('Removes the home folder with the user.').default(false),
    force: flag('Removes a user who is logged in.').default(false),
  },
  ({ comment, password }) => {
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
}

/** User accounts. */
export const user = defineModule<UserParams, unknown, UserFound>({
  name: 'user',
  summary: 'Makes, changes and removes users.',
  params: userParams,
  freeForm: 'name',
  secrets: ['password'],
  look: ({ params }) => ({
    kind: 'script',
    script: joinShell([tell, lookAtUser(params.name)]),
    parse(reply) {
      const report = parseReport(reply);
      return { user: parseUser(report), tool: report.need('tool') };
    },
  }),
  compare(found, { params }) {
    const changes = userChanges(found.user, params);
    if (changes.length === 0) return { kind: 'same', values: valuesOf(params, found.user) };
    if (found.tool === 'none') throw new ModuleFailure('the host has neither useradd nor adduser');
    const home = params.home ?? found.user?.home ?? `/home/${params.name}`;
    const provides =
      params.state === 'absent' ? [] : [`user:${params.name}`, `group:${params.name}`, pathResource(home)];
    return { kind: 'change', changes, values: valuesOf(params, found.user), provides };
  },
  async change(host, { params, found, changes }) {
    const script = scriptOf(params, { found, changes });
    succeeded(await host.run(script, { ownChannel: true }), { host, doing: `cannot change the user ${params.name}` });
    return { values: valuesOf(params, found.user) };
  },
});

/** What would change of a user. The hash of a password is never part of it. */
export function userChanges(found: UserState | undefined, params: UserParams): readonly Change[] {
  if (params.state === 'absent')
    return found === undefined ? [] : [{ part: 'state', before: 'present', after: 'absent' }];
  if (found === undefined) {
    const { uid, group, groups, comment, home, shell } = params;
    const wanted = Object.entries({ uid, group, groups, comment, home, shell }).flatMap(
      ([part, after]): readonly Change[] => (after === undefined ? [] : [{ part, after }]),
    );
    return [{ part: 'state', before: 'absent', after: 'present' }, ...wanted];
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
  if (passwordDiffers(found, params)) changes.push({ part: 'password', before: 'another', after: 'set' });
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

function passwordDiffers(found: UserState, params: UserParams): boolean {
  const { password, update_password: when } = params;
  return password !== undefined && when === 'always' && found.password !== password;
}

function scriptOf(
  params: UserParams,
  options: { readonly found: UserFound; readonly changes: readonly Change[] },
): ShellText {
  const { found, changes } = options;
  if (params.state === 'absent') return removeUser(params, found.tool);
  const script =
    found.user === undefined ? addUser(params, found.tool) : changeUser(params, { tool: found.tool, changes });
  const setsPassword =
    found.user === undefined ? params.password !== undefined : changes.some(({ part }) => part === 'password');
  if (!setsPassword) return script;
  // The hash goes through a here-document: as an argument every user of the host could read it in the process list.
  return sh`{ ${script}
} && chpasswd -e <<'END_OF_PASSWORD'
${{ raw: `${params.name}:${params.password ?? ''}`, masked: `${params.name}:********` }}
END_OF_PASSWORD`;
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
