import { type Command, InvalidArgumentError, Option } from 'commander';

/** Flags every command that reads an inventory takes. */
export interface InventoryOptions {
  readonly inventory?: readonly string[];
  readonly limit?: readonly string[];
  readonly extraVars?: readonly string[];
}

/** Flags of how hosts are reached and what is shown. */
export interface ConnectionOptions {
  readonly user?: string;
  readonly privateKey?: string;
  readonly askPass?: boolean;
  readonly become?: boolean;
  readonly becomeUser?: string;
  readonly becomeMethod?: string;
  readonly askBecomePass?: boolean;
  readonly connectTimeout?: number;
  readonly hostKey?: 'strict' | 'accept-new' | 'off';
}

export interface OutputOptions {
  readonly output?: 'tty' | 'plain' | 'json';
  readonly verbose: number;
  readonly color?: boolean;
}

export interface PlayOptions extends InventoryOptions, ConnectionOptions, OutputOptions {
  readonly tags?: readonly string[];
  readonly skipTags?: readonly string[];
  readonly forks?: number;
  readonly check?: boolean;
  readonly diff?: boolean;
  readonly exitCode?: boolean;
  readonly startAtTask?: string;
  readonly step?: boolean;
  readonly resume?: boolean;
  readonly forceHandlers?: boolean;
  readonly bringUp?: boolean;
  readonly listHosts?: boolean;
  readonly listTasks?: boolean;
  readonly listTags?: boolean;
  /** Where `plan` writes the plan down. */
  readonly out?: string;
}

export const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
const commaList = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
];

/** A flag's count. Throws InvalidArgumentError. */
export function positiveInteger(value: string): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('It must be a whole number of at least 1.');
  return count;
}

/** Seconds and the like: at least a half, so that nobody asks hosts without a pause. */
export function positiveNumber(value: string): number {
  const number = Number(value);
  if (!(number >= 0.5)) throw new InvalidArgumentError('It must be a number of at least 0.5.');
  return number;
}

/** A number of lines, or `all`. */
export function linesOf(value: string): string {
  if (value !== 'all' && !/^\d+$/.test(value)) throw new InvalidArgumentError('It must be a whole number, or `all`.');
  return value;
}

/** A moment or how long ago: what `docker logs --since` and journalctl both understand. */
export function momentOf(value: string): string {
  const isAge = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(value);
  const isTime = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/.test(value);
  if (!isAge && !isTime)
    throw new InvalidArgumentError('It must be how long ago (10m, 1h30m) or a time (2026-11-21T04:18:00Z).');
  return value;
}

/** Where the passwords of what is encrypted come from; read by `unlock` before a command begins. */
export function withVaultOptions(command: Command): Command {
  return command
    .option(
      '--vault-password-file <file>',
      'a password of encrypted values and files, or a program that prints it; several are tried in turn',
      several,
    )
    .option('--ask-vault-pass', 'ask for the password of encrypted values and files');
}

export function withInventoryOptions(command: Command): Command {
  command
    .optionsGroup('Hosts and variables:')
    .option(
      '-i, --inventory <path>',
      'inventory file, directory or executable; may be given several times (default: inventory.yaml)',
      several,
    )
    .option(
      '-l, --limit <pattern>',
      'only these hosts; `@file` reads them from a file, `@failed` are those the last run did not finish',
      several,
    )
    .option(
      '-e, --extra-vars <vars>',
      'variables that win over all others: `name=value` (text), JSON, or `@file`',
      several,
    );
  return withVaultOptions(command);
}

export function withConnectionOptions(command: Command): Command {
  return command
    .optionsGroup('Connection:')
    .option('-u, --user <name>', 'log in as this user')
    .option('--private-key <file>', 'log in with this key')
    .option('-k, --ask-pass', 'ask for the login password')
    .option('-b, --become', 'become another user (root) for every task')
    .option('--become-user <name>', 'the user to become')
    .addOption(new Option('--become-method <method>', 'how to become it').choices(['sudo', 'su']))
    .option('-K, --ask-become-pass', 'ask for the password of sudo or su')
    .option('--connect-timeout <seconds>', 'give up connecting after so long', positiveInteger)
    .addOption(
      new Option('--host-key <policy>', "what to do about a host's key").choices(['strict', 'accept-new', 'off']),
    );
}

export function withOutputOptions(command: Command): Command {
  return command
    .optionsGroup('Output:')
    .addOption(
      new Option(
        '--output <kind>',
        'live progress, plain lines, or JSON lines (default: tty on a terminal, plain elsewhere)',
      ).choices(['tty', 'plain', 'json']),
    )
    .option(
      '-v, --verbose',
      'show results too; -vv and more shows everything',
      (_value: string, before: number) => before + 1,
      0,
    )
    .option('--no-color', 'no colours (also by NO_COLOR)');
}

export function withPlayOptions(command: Command): Command {
  withInventoryOptions(command);
  command
    .optionsGroup('What to run:')
    .option('-t, --tags <tags>', 'only tasks with these tags', commaList)
    .option('--skip-tags <tags>', 'not tasks with these tags', commaList)
    .option('--start-at-task <name>', 'begin at this task')
    .option('--step', 'ask before each task')
    .option(
      '--resume',
      'not again the commands that the last run of these playbooks did, when it failed or was stopped',
    )
    .option('--list-hosts', 'list the hosts of each play and stop')
    .option('--list-tasks', 'list the tasks of each play and stop')
    .option('--list-tags', 'list the tags of each play and stop')
    .optionsGroup('How to run:')
    .option('-f, --forks <count>', 'hosts at the same time', positiveInteger)
    .option('-C, --check', 'preview: say what would change, write nothing')
    .option('-D, --diff', 'show what changes in files and settings')
    .option('--exit-code', 'in a preview: exit 4 when changes are pending')
    .option('--force-handlers', 'run handlers that are due even on hosts that failed')
    .option('--bring-up', 'take the hosts of an ensemble that does not serve through its play together');
  return withOutputOptions(withConnectionOptions(command));
}

/** Flags of the commands that change who belongs to an ensemble. */
export function withMembershipOptions(command: Command): Command {
  withInventoryOptions(command);
  command
    .optionsGroup('What to do:')
    .option('--component <names>', 'only these components (default: what the groups of the host say)', commaList)
    .option('--plan', 'show what would be done, and stop')
    .option('--yes', 'do not ask')
    .option('--force', 'also even sizes, and steps that interrupt the service for a moment');
  return withOutputOptions(withConnectionOptions(command));
}

/** Flags of a command that copies files as a run of its own. */
export function withTransferOptions(command: Command): Command {
  withInventoryOptions(command)
    .optionsGroup('How to run:')
    .option('-f, --forks <count>', 'hosts at the same time', positiveInteger)
    .option('-C, --check', 'preview: say what would change, write nothing')
    .option('-D, --diff', 'show what changes in files');
  return withOutputOptions(withConnectionOptions(command));
}

/** Flags of commands that make their plays themselves. */
export function withLifecycleOptions(command: Command): Command {
  withInventoryOptions(command);
  command
    .optionsGroup('How to run:')
    .option('-C, --check', 'preview: say what would change, write nothing')
    .option('-f, --forks <count>', 'hosts at the same time', positiveInteger)
    .option('--exit-code', 'in a preview: exit 4 when changes are pending')
    .option('--yes', 'do not ask');
  return withOutputOptions(withConnectionOptions(command));
}
