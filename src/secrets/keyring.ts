import { openAnsibleVault } from './ansible-vault.js';
import { openEnvelope, sealEnvelope } from './envelope.js';
import { SecretFormatError } from './format-error.js';

/** What became of an encrypted text: its plain bytes, or why it stays shut. */
export type Opened =
  | { readonly kind: 'open'; readonly plain: Buffer }
  | { readonly kind: 'shut'; readonly reason: string; readonly hint: string };

/** The passwords of this run, tried in turn. */
export class Keyring {
  #passwords: readonly string[] = [];
  readonly #opened = new Map<string, Opened>();

  /** Takes these passwords from now on, instead of those before. */
  use(passwords: readonly string[]): void {
    this.#passwords = passwords;
    this.#opened.clear();
  }

  /** Decrypts a text that `isEncrypted` knows; the same text is decrypted once. */
  open(text: string): Opened {
    const known = this.#opened.get(text) ?? this.#open(text);
    this.#opened.set(text, known);
    return known;
  }

  /** Encrypts under the first password; undefined when there is none. */
  seal(plain: Buffer): string | undefined {
    const [password] = this.#passwords;
    return password === undefined ? undefined : sealEnvelope(plain, password);
  }

  /**
   * Encrypts in place of an encrypted text, under the password that opens it; undefined when none does or it is no
   * envelope of ours.
   */
  sealAgain(text: string, plain: Buffer): string | undefined {
    if (!text.startsWith(runnerMark)) return undefined;
    const password = this.#passwords.find((each) => openEnvelope(text, each) !== undefined);
    return password === undefined ? undefined : sealEnvelope(plain, password);
  }

  #open(text: string): Opened {
    const openWith = text.startsWith(runnerMark) ? openEnvelope : openAnsibleVault;
    try {
      for (const password of this.#passwords) {
        const plain = openWith(text, password);
        if (plain !== undefined) return { kind: 'open', plain };
      }
    } catch (error) {
      if (!(error instanceof SecretFormatError)) throw error;
      return { kind: 'shut', reason: error.message, hint: 'encrypt it again, or take it from a backup' };
    }
    return this.#passwords.length === 0
      ? { kind: 'shut', reason: 'it is encrypted and no password was given', hint: givePassword }
      : { kind: 'shut', reason: 'it is encrypted and no password given opens it', hint: givePassword };
  }
}

const runnerMark = '$RUNNER;';
const ansibleMark = '$ANSIBLE_VAULT;';
const givePassword =
  'name a file that holds the password with --vault-password-file, or ask for it with --ask-vault-pass';

/** The keyring of this process: set once from the flags, read wherever an encrypted text is met. */
export const keyring = new Keyring();

/** Whether a text says of itself that it is encrypted: by `runner secrets` or by ansible-vault. */
export function isEncrypted(text: string): boolean {
  return text.startsWith(runnerMark) || text.startsWith(ansibleMark);
}
