import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostics } from '../../core/diagnostic.js';
import { spanOfFlag } from '../../core/span.js';
import type { FileReader } from '../../syntax/files.js';
import { readExtraVars } from '../extra-vars.js';
import { journalled, runsFolder } from '../journal.js';
import type { PlayOptions } from '../options.js';
import type { VaultOptions } from '../vault.js';

/** Beside a run's journal, readable by its owner only: how it was called. */
const commandFile = 'command.json';

/** One `-e`: a file by its name; of values that stood in the command line only the names, since they may be secrets. */
type KeptVariables = { readonly file: string } | { readonly names: readonly string[] };

/** Flags that are those of the new call: how something is shown or asked. Variables are kept in another way. */
const notKept = [
  'extraVars',
  'output',
  'verbose',
  'color',
  'step',
  'check',
  'listHosts',
  'listTasks',
  'listTags',
  'resume',
  'out',
] as const satisfies readonly (keyof PlayOptions)[];

export type KeptOptions = Omit<PlayOptions & VaultOptions, (typeof notKept)[number]>;

/** How `runner apply` was called. */
export interface KeptCommand {
  readonly playbooks: readonly string[];
  readonly options: KeptOptions;
  readonly variables: readonly KeptVariables[];
}

/** What of a call is kept. `limit`: the patterns it came to, since `@failed` means other hosts the next time. */
export function keptCommand(call: {
  readonly playbooks: readonly string[];
  readonly options: PlayOptions & VaultOptions;
  readonly limit: readonly string[];
  readonly files: FileReader;
  readonly diagnostics: Diagnostics;
}): KeptCommand {
  const { playbooks, options, limit, files, diagnostics } = call;
  const left: ReadonlySet<string> = new Set(notKept);
  const kept = Object.fromEntries(Object.entries(options).filter(([flag]) => !left.has(flag))) as KeptOptions;
  return {
    playbooks,
    options: { ...kept, ...(limit.length === 0 ? {} : { limit }) },
    variables: (options.extraVars ?? []).map((flag) =>
      flag.startsWith('@')
        ? { file: flag }
        : { names: Object.keys(readExtraVars({ flags: [flag], files, diagnostics })) },
    ),
  };
}

/** Writes down how a run was called. Throws InputError when that fails. */
export function keepCommand(run: string, command: KeptCommand): void {
  const file = join(runsFolder, run, commandFile);
  journalled(() => writeFileSync(file, `${JSON.stringify(command)}\n`, { mode: 0o600, flag: 'wx' }));
}

/** How a run was called; undefined when it was no `runner apply`, or one of an older version. */
export function readCommand(run: string): KeptCommand | undefined {
  try {
    return JSON.parse(readFileSync(join(runsFolder, run, commandFile), 'utf8')) as KeptCommand;
  } catch {
    return undefined;
  }
}

/** The `-e` of a call that goes on: files as they were, values as they are given now, in the old order. */
export function extraVarsOf(call: {
  readonly command: KeptCommand;
  readonly flags: readonly string[];
  readonly files: FileReader;
  readonly diagnostics: Diagnostics;
}): readonly string[] {
  const { command, flags, files, diagnostics } = call;
  const given = readExtraVars({ flags, files, diagnostics });
  const wanted = command.variables.flatMap((each) => ('names' in each ? each.names : []));
  const missing = [...new Set(wanted)].filter((name) => !Object.hasOwn(given, name));
  if (missing.length > 0)
    diagnostics.error({
      code: 'resume-variables',
      message: `${missing.map((name) => `\`${name}\``).join(', ')} came by -e, and values are not kept`,
      span: spanOfFlag('-e'),
      hint: `give them again: ${missing.map((name) => `-e ${name}=…`).join(' ')}`,
    });
  const kept = command.variables.flatMap((each) => {
    if ('file' in each) return [each.file];
    return [JSON.stringify(Object.fromEntries(Object.entries(given).filter(([name]) => each.names.includes(name))))];
  });
  const more = Object.entries(given).filter(([name]) => !wanted.includes(name));
  return [...kept, ...(more.length === 0 ? [] : [JSON.stringify(Object.fromEntries(more))])];
}
