/** An encrypted text that cannot be what it claims to be: cut, changed, or of a version not known here. No password helps. */
export class SecretFormatError extends Error {
  override readonly name = 'SecretFormatError';
}
