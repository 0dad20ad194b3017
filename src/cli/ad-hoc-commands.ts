import type { Command } from 'commander';
import {
  positiveInteger,
  positiveNumber,
  withConnectionOptions,
  withInventoryOptions,
  withOutputOptions,
  withTransferOptions,
} from './options.js';

/** Adds the commands that need no playbook: exec, ping, copy, fetch. */
export function addAdHocCommands(program: Command, finish: (code: number) => void): void {
  const onHosts = (name: string): Command =>
    withOutputOptions(withConnectionOptions(withInventoryOptions(program.command(name)))).option(
      '-f, --forks <count>',
      'hosts at the same time',
      positiveInteger,
    );
  onHosts('exec')
    .description('run a command on hosts')
    .usage('[options] <pattern> -- <command...>')
    .argument('<pattern>', 'hosts')
    .argument('<command...>', 'the command and its arguments')
    .option('--gather', 'wait for all, and show hosts that say the same together')
    .option('--shell', 'hand the words to a shell: pipes, redirections and variables work')
    .option('--stdin', 'give the standard input of this program to the command, on every host')
    .option('--timeout <seconds>', 'end the command after so long', positiveNumber)
    .action(async (pattern: string, command: string[], options) => {
      finish(await (await import('./commands/exec.js')).exec({ pattern, command, options }));
    });
  onHosts('ping')
    .description('log in to hosts and say how long it took; with -b become the other user too')
    .argument('<pattern>', 'hosts')
    .action(async (pattern: string, options) => {
      finish(await (await import('./commands/ping.js')).ping({ pattern, options }));
    });
  withTransferOptions(program.command('copy'))
    .description('copy a file or folder to hosts')
    .argument('<pattern>', 'hosts')
    .argument('<source>', 'a file or folder here')
    .argument('<destination>', 'where it goes on every host')
    .option('--mode <mode>', 'permissions: four octal digits')
    .option('--owner <name>', 'the user who shall own it')
    .option('--group <name>', 'the group it shall belong to')
    .option('--backup', 'keep the old file beside the new one')
    .action(async (pattern: string, source: string, destination: string, options) => {
      finish(await (await import('./commands/transfer.js')).copy({ pattern, source, destination, options }));
    });
  withTransferOptions(program.command('fetch'))
    .description('fetch a file of hosts')
    .argument('<pattern>', 'hosts')
    .argument('<source>', 'a file there')
    .argument('<destination>', 'the folder here: the file goes to DESTINATION/HOST/SOURCE')
    .option('--flat', 'put the file of one host at DESTINATION itself')
    .action(async (pattern: string, source: string, destination: string, options) => {
      finish(await (await import('./commands/transfer.js')).fetch({ pattern, source, destination, options }));
    });
}
