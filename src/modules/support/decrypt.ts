import type { Controller } from '../types.js';
import { flag } from './fields.js';

/** The parameter of modules whose source may be an encrypted file of the controller. */
export const decryptField = flag(
  'Decrypts a source that is encrypted on its way; without it the host gets the ciphertext.',
).default(true);

/** The plain bytes of an encrypted file that shall be decrypted; undefined for any other. Throws ModuleFailure when no password opens it. */
export async function plainBytes(
  controller: Controller,
  file: { readonly path: string; readonly decrypt: boolean },
): Promise<Buffer | undefined> {
  return file.decrypt ? controller.decrypted(file.path) : undefined;
}
