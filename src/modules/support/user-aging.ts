import { sh, type ShellText } from '../../shell/text.js';
import type { Change } from '../types.js';
import type { UserParams } from '../user.js';

/** How long an account and its password last, as /etc/shadow has it; undefined for no limit. */
export interface Aging {
  /** Days a password has to be kept, and may be kept. */
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  /** The day the account ends at, counted from 1970. */
  readonly expires: number | undefined;
}

/** Parses the fields 4, 5 and 8 of a line of /etc/shadow, with colons between them. */
export function parseAging(fields: string): Aging {
  const [minimum, maximum, expires] = fields.split(':').map((one) => (/^\d+$/.test(one) ? Number(one) : undefined));
  return { minimum, maximum, expires };
}

/** What would change of them; for a new user, what is wished. */
export function agingChanges(found: Aging | undefined, params: UserParams): readonly Change[] {
  const { expires, password_expire_min: minimum, password_expire_max: maximum } = params;
  const changes: Change[] = [];
  const differs = (part: string, before: number | string | undefined, after: number | string | undefined): void => {
    if (after !== undefined && after !== before)
      changes.push({ part, ...(before === undefined ? {} : { before }), after });
  };
  differs('expires', found && dayOf(found.expires), expires === undefined ? undefined : dayOf(daysOf(expires)));
  differs('password_expire_min', found?.minimum, minimum);
  differs('password_expire_max', found?.maximum, maximum);
  return changes;
}

/** The commands that bring the changes about; they are of the shadow suite. */
export function agingSteps(name: string, changes: readonly Change[]): readonly ShellText[] {
  return changes.flatMap(({ part, after }): readonly ShellText[] => {
    if (typeof after !== 'string' && typeof after !== 'number') return [];
    if (part === 'expires') return [sh`usermod -e ${after === 'never' ? '' : after} -- ${name}`];
    if (part === 'password_expire_min') return [sh`chage -m ${after} -- ${name}`];
    return part === 'password_expire_max' ? [sh`chage -M ${after} -- ${name}`] : [];
  });
}

function daysOf(seconds: number): number | undefined {
  return seconds < 0 ? undefined : Math.floor(seconds / 86_400);
}

function dayOf(days: number | undefined): string {
  return days === undefined ? 'never' : new Date(days * 86_400_000).toISOString().slice(0, 10);
}
