import { didYouMean } from '../core/suggest.js';
import type { FlagRow } from './data/flag-row.js';
import { marathonOptions } from './data/marathon-options.js';
import { mesosAgentFlags } from './data/mesos-agent-flags.js';
import { mesosLoggingFlags } from './data/mesos-logging-flags.js';
import { mesosMasterFlags } from './data/mesos-master-flags.js';
import { isAtLeast } from './version.js';

export type FlaggedProgram = 'mesos-master' | 'mesos-slave' | 'marathon';

const tables: Readonly<Record<FlaggedProgram, readonly FlagRow[]>> = {
  'mesos-master': [...mesosMasterFlags, ...mesosLoggingFlags],
  'mesos-slave': [...mesosAgentFlags, ...mesosLoggingFlags],
  marathon: marathonOptions,
};

/** Words people write for a flag that goes by another name. */
const nicknames: Readonly<Record<string, string>> = {
  isolator: 'isolation',
  slave_work_dir: 'work_dir',
  log_level: 'logging_level',
};

/** Why a program of that version does not take a flag; undefined when it does. */
export interface FlagFault {
  readonly message: string;
  readonly hint?: string;
}

/** Judges a flag by its name in lower case, as the tables of every release have it. `version` is plain ("1.4.1"). */
export function flagFault(
  flag: string,
  options: { readonly program: FlaggedProgram; readonly version: string },
): FlagFault | undefined {
  const { program, version } = options;
  const rows = tables[program];
  const named = rows.filter(([name]) => name === flag);
  if (named.some((row) => hasRow(row, version))) return undefined;
  if (rows.some((row) => row[4] === flag && hasRow(row, version))) return undefined;
  const [known] = named;
  if (known === undefined) {
    const nickname = nicknames[flag];
    const candidates = rows.filter((row) => hasRow(row, version)).map(([name]) => name);
    const hint =
      nickname !== undefined && candidates.includes(nickname)
        ? `did you mean \`${nickname}\`?`
        : didYouMean(flag, candidates);
    return { message: `${program} has no flag \`${flag}\` in any version`, ...(hint === undefined ? {} : { hint }) };
  }
  return { message: `${program} ${version} has no flag \`${flag}\`: ${rangeOf(known)}`, ...successor(rows, flag) };
}

/** Whether a flag takes a value; Marathon's toggles and booleans take none. */
export function takesNoValue(flag: string, program: FlaggedProgram): boolean {
  const row = tables[program].find(([name]) => name === flag);
  return program === 'marathon' && (row?.[1] === 'toggle' || row?.[1] === 'Boolean');
}

function hasRow([, , since, gone]: FlagRow, version: string): boolean {
  return (since === '' || isAtLeast(version, since)) && (gone === '' || !isAtLeast(version, gone));
}

function rangeOf([, , since, gone]: FlagRow): string {
  const words = [
    since === '' ? [] : [`releases before ${since} do not have it`],
    gone === '' ? [] : [`it is gone from ${gone} on`],
  ];
  return words.flat().join(', and ');
}

function successor(rows: readonly FlagRow[], flag: string): { readonly hint?: string } {
  const row = rows.find(([, , , , oldName]) => oldName === flag);
  return row === undefined ? {} : { hint: `it is called \`${row[0]}\` from ${row[2]} on` };
}
