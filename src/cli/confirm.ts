import { InputError } from '../core/diagnostic.js';
import { askChoice } from './prompt.js';

export interface ConfirmOptions {
  readonly yes?: boolean;
}

/** Whether the user wants what was shown: asked on the terminal unless \`--yes\` said so. Throws InputError without a terminal. */
export async function isConfirmed(
  options: ConfirmOptions,
  { previewFlag = '--plan' }: { readonly previewFlag?: string } = {},
): Promise<boolean> {
  if (options.yes === true) return true;
  if (!process.stdin.isTTY) {
    throw new InputError([
      {
        severity: 'error',
        code: 'not-confirmed',
        message: 'this changes a live cluster, and there is no terminal to ask on',
        hint: `\`${previewFlag}\` only shows it, \`--yes\` says yes`,
      },
    ]);
  }
  return (await askChoice('Do this?', ['no', 'yes'])) === 'yes';
}
