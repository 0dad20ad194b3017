import type { Command } from 'commander';
import type * as Commands from './commands/secrets.js';
import { withVaultOptions } from './options.js';

/** `runner secrets …`: what makes and opens encrypted files and values. */
export function addSecretCommands(program: Command, finish: (code: number) => void): void {
  const secrets = program.command('secrets').description('encrypt and decrypt files and values').helpCommand(false);
  const load = async (): Promise<typeof Commands> => import('./commands/secrets.js');
  const onFiles = (name: string, description: string): Command =>
    withVaultOptions(secrets.command(name).description(description).argument('<file...>', 'files'));

  onFiles('encrypt', 'encrypt files in place, under the first password given').action(async (files: string[]) => {
    finish((await load()).encryptFiles(files));
  });
  onFiles('decrypt', 'decrypt files in place').action(async (files: string[]) => {
    finish((await load()).decryptFiles(files));
  });
  onFiles('view', 'print what files hold').action(async (files: string[]) => {
    finish((await load()).viewFiles(files));
  });
  withVaultOptions(
    secrets
      .command('edit')
      .description('edit what a file holds with $VISUAL, $EDITOR or vi, in memory only, and encrypt it again')
      .argument('<file>', 'file'),
  ).action(async (file: string) => {
    finish(await (await import('./commands/secrets-edit.js')).editFile(file));
  });
  onFiles('rekey', 'encrypt files again, under another password')
    .requiredOption('--new-vault-password-file <file>', 'the new password, or a program that prints it')
    .action(async (files: string[], options: { readonly newVaultPasswordFile: string }) => {
      finish((await load()).rekeyFiles(files, options.newVaultPasswordFile));
    });
  withVaultOptions(
    secrets.command('encrypt-string').description('encrypt the text of standard input as a value for a YAML file'),
  )
    .option('--name <variable>', 'the name of the variable')
    .action(async (options: { readonly name?: string }) => {
      finish(await (await load()).encryptString(options));
    });
}
