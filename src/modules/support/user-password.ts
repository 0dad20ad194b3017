import { joinShell, sh, type ShellText } from '../../shell/text.js';
import type { Change } from '../types.js';
import type { UserParams } from '../user.js';
import type { UserState } from './account-state.js';

/** What would change of an existing user's password and its lock. The hash is never part of it. */
export function passwordChanges(found: UserState, params: UserParams): readonly Change[] {
  const { password, update_password: when, password_lock: lock } = params;
  const changes: Change[] = [];
  const isOther = lock === undefined ? found.password !== password : bare(found.password) !== bare(password);
  if (password !== undefined && when === 'always' && isOther)
    changes.push({ part: 'password', before: 'another', after: 'set' });
  const isLocked = found.password?.startsWith('!') === true;
  if (lock === true && !isLocked) changes.push({ part: 'password lock', before: 'open', after: 'locked' });
  // Without a hash behind the lock there is nothing to open: it would be a user without a password.
  const isOpenable = isLocked && !['', '*'].includes(bare(found.password) ?? '');
  if (lock === false && isOpenable) changes.push({ part: 'password lock', before: 'locked', after: 'open' });
  return changes;
}

/** Sets the password, locked or open as is wished, when one is given and `isSet`; or else the lock alone. */
export function passwordSteps(
  params: UserParams,
  options: { readonly tool: string; readonly isSet: boolean; readonly changes: readonly Change[] },
): readonly ShellText[] {
  const { name, password } = params;
  const { tool, isSet, changes } = options;
  if (isSet && password !== undefined) {
    const line = `${name}:${wantedHash(password, params.password_lock)}`;
    // The hash goes through a here-document: as an argument every user of the host could read it in the process list.
    return [
      joinShell([sh`chpasswd -e <<'END_OF_PASSWORD'`, { raw: line, masked: `${name}:********` }, sh`END_OF_PASSWORD`]),
    ];
  }
  const lock = changes.find(({ part }) => part === 'password lock')?.after;
  if (lock === undefined) return [];
  if (tool === 'shadow') return [sh`usermod ${lock === 'locked' ? '-L' : '-U'} -- ${name}`];
  return [sh`passwd ${lock === 'locked' ? '-l' : '-u'} ${name}`];
}

function wantedHash(password: string, lock: boolean | undefined): string {
  const hash = bare(password) ?? '';
  if (lock === undefined || hash === '') return password;
  return lock ? `!${hash}` : hash;
}

/** The hash without the mark of a lock. */
function bare(password: string | undefined): string | undefined {
  return password?.replace(/^!+/, '');
}
