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
  requireSomebody(options, { previewFlag });
  return options.yes === true || (await askChoice('Do this?', ['no', 'yes'])) === 'yes';
}

/** Throws InputError when nobody could answer a question: no `--yes`, and no terminal. */
export function requireSomebody(options: ConfirmOptions, { previewFlag }: { readonly previewFlag: string }): void {
  if (options.yes !== true && !process.stdin.isTTY) {
    throw new InputError([
      {
        severity: 'error',
        code: 'not-confirmed',
        message: 'this changes a live cluster, and there is no terminal to ask on',
        hint: `\`${previewFlag}\` only shows it, \`--yes\` says yes`,
      },
    ]);
  }
}
